"""What is said in the middle of a task and belongs to none of its questions.

A question is answered and the step asked again; a second topic is taken up afterwards; who lets the
whole task go is let go. None of it is a failure, and none goes on for ever.
"""

import re

from app.domain.robot import wording
from app.domain.robot.answers import promise_task
from app.domain.robot.begin import closed, end_with
from app.domain.robot.offers import is_conditional, is_wish, reason_of
from app.domain.robot.openings import guide_reading
from app.domain.robot.slots import value_of
from app.domain.robot.turn import Turn, ask_more
from app.domain.robot.vocabulary import Deed, Flow, Place, Said

#: Questions within one task; who asks more is answered by the task's own question.
MOST_ASIDES = 5
_STEPS = (Place.SLOT, Place.CONFIRM, Place.GUIDE, Place.REASON, Place.OFFER, Place.SURE)
#: A question about the offer itself, which no entry of the knowledge base answers.
_OF_OFFER = re.compile("这个|这样|优惠|折|合约|合同|签|绑|几年|多少年|多久|多长|到期|之后|以后|骗")
#: Kinds of a family that are told, not registered.
_TOLD = ("other", "negated", "enquiry", "danger", "robot", "crisis")


def task_for(flow: Flow, event: Said) -> str:
    """The task that an intent brings: its own kind's before its family's; empty for none."""
    if event.kind in _TOLD:
        return ""
    exact = [c for c, t in flow.tasks.items() if event.intent in t.intents]
    family = [c for c, t in flow.tasks.items() if event.family in t.intents]
    return next(iter((*exact, *family)), "")


def question(turn: Turn, event: Said) -> bool:
    """Answer a question in the middle of a task, then ask the step again; whether it was one."""
    if turn.state.place not in _STEPS or turn.state.asides >= MOST_ASIDES:
        return False
    if not _is_aside(turn, event):
        return False
    turn.set(asides=turn.state.asides + 1, failures=0)
    if turn.state.place is Place.OFFER and _OF_OFFER.search(event.text):
        turn.ask_again(turn.text("offer_question"))
    elif turn.state.place is Place.REASON and _why_asked(event.text):
        turn.ask_again(turn.text("why_reason"))
    elif event.answer and promise_task(turn, event.deed) and turn.state.later is None:
        # what the answer promises needs a task of its own: it is answered after this one
        turn.set(later=event)
        turn.ask_again(turn.text("later"))
    elif event.answer:
        turn.ask_again(event.answer)
    else:
        at_offer = turn.state.place is Place.OFFER
        turn.ask_again(turn.text("offer_question" if at_offer else "no_answer"))
    return True


def _why_asked(text: str) -> bool:
    return any(word in text for word in ("为什么问", "问这个", "问这干", "为什么要问", "问来干"))


def _is_aside(turn: Turn, event: Said) -> bool:
    asked = wording.is_question(event.text) or event.intent == "disconnect.enquiry"
    return asked and _ASIDES[turn.state.place](turn, event)


def _in_slot(turn: Turn, event: Said) -> bool:
    """A story may hold questions; so may somebody who will not tell a number."""
    slot = turn.flow.slots[turn.state.slot]
    told = value_of(slot, event, bare=False) or event.digits
    return slot.kind != "text" and not told and not wording.keeps_back(event.text)


def _in_confirmation(turn: Turn, event: Said) -> bool:
    slot = turn.flow.slots[turn.state.slot]
    told = value_of(slot, event, bare=False) or event.digits
    return not told and not event.means("affirm") and not event.means("deny")


def _in_guide(turn: Turn, event: Said) -> bool:
    """What answers the step is an answer, unless it asks for something else."""
    if event.answer and event.about != "fault":
        return True
    return not guide_reading(turn, event) and bool(event.answer)


def _at_reason(_: Turn, event: Said) -> bool:
    return _why_asked(event.text) or (not reason_of(event) and bool(event.answer))


def _at_offer(_: Turn, event: Said) -> bool:
    """At an offer a competitor's price is an argument, and a discount a wish."""
    argued = event.slots.get("competitor") or is_conditional(event.text) or is_wish(event)
    return not argued and not event.means("deny") and not event.means("affirm")


def _when_sure(_: Turn, event: Said) -> bool:
    """Only what leads to no task of its own."""
    return bool(event.answer) and event.family not in ("affirm", "deny") and not is_wish(event)


_ASIDES = {
    Place.SLOT: _in_slot, Place.CONFIRM: _in_confirmation, Place.GUIDE: _in_guide,
    Place.REASON: _at_reason, Place.OFFER: _at_offer, Place.SURE: _when_sure,
}  # fmt: skip


def other_topic(turn: Turn, event: Said) -> bool:
    """Something else is wanted in the middle of a task: noted, and taken up after it."""
    place = turn.state.place
    if place not in (Place.SLOT, Place.CONFIRM, Place.GUIDE) or event.action != "act":
        return False
    if wording.closes(event.text):
        return False
    task = task_for(turn.flow, event)
    same = task in ("", turn.state.task) or turn.state.later is not None
    if same or wording.is_question(event.text) or _belongs(turn, event):
        return False
    turn.set(later=event, failures=0)
    turn.ask_again(turn.text("later"))
    return True


def _belongs(turn: Turn, event: Said) -> bool:
    """Whether it answers the step after all, as words of another topic may."""
    if turn.state.place is Place.GUIDE:
        return bool(guide_reading(turn, event)) or event.family == "fault"
    slot = turn.flow.slots[turn.state.slot]
    return slot.kind == "text" or bool(value_of(slot, event, bare=False) or event.digits)


def dropped(turn: Turn, event: Said) -> bool:
    """The whole task is not wanted any more; a wish to stop that is let go is kept."""
    place = turn.state.place
    task = turn.flow.tasks.get(turn.state.task)
    if task is None or place not in (Place.SLOT, Place.CONFIRM, Place.GUIDE, Place.REASON):
        return False
    if not wording.drops(event.text) or is_wish(event):
        return False
    if task.act in (Deed.STOP, Deed.OFFER):
        end_with(turn, Deed.KEPT, event)
        return True
    turn.set(outcome=turn.state.outcome or "answered")
    closed(turn)
    turn.say(turn.text("dropped"))
    ask_more(turn)
    return True
