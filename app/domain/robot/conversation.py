"""The robot's conversation as one machine over dialogs that are data: ``step(state, event)``.

Whatever is said, pressed or not said leads somewhere: two failures in a row lead to a person or to
the voicemail, never into a loop.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain.robot import wording
from app.domain.robot.answers import answer, answer_and_offer
from app.domain.robot.asides import MOST_ASIDES, dropped, other_topic, question, task_for
from app.domain.robot.begin import (
    acted,
    ask_whether,
    begin,
    closed,
    is_registered,
    is_told,
    task_of,
)
from app.domain.robot.care import (
    anger,
    answer_adult,
    bereaved,
    crisis,
    danger,
    fraud,
    minor,
    place_of_danger,
    robot,
)
from app.domain.robot.house import House
from app.domain.robot.offers import answer_offer, answer_reason
from app.domain.robot.openings import answer_guide
from app.domain.robot.requests import (
    hears_badly,
    leaves_message,
    message,
    repeat,
    speaks_dialect,
    wants_call_back,
    wants_person,
)
from app.domain.robot.slots import (
    LAST4_LENGTH,
    PHONE_LENGTH,
    answer_confirmation,
    answer_slot,
    took,
)
from app.domain.robot.staying import changes_visit, stays
from app.domain.robot.turn import Turn, ask_more, end_again, fail, hand_over, leave
from app.domain.robot.vocabulary import (
    Acted,
    Deed,
    DialogEvent,
    DialogState,
    DialogStep,
    Flow,
    Place,
    Pressed,
    Said,
    Silent,
    Started,
)

MOST_SILENCES = 2
#: Below this the recogniser guessed.
UNCLEAR = 0.45
#: Families of entries that answer who asks about stopping.
_OF_STOPPING = ("disconnect", "billing", "service")
#: From which hour on which greeting is said (texts ``hello_NAME``).
_HELLO = (
    (22, "night"),
    (18, "evening"),
    (13, "afternoon"),
    (11, "noon"),
    (5, "morning"),
    (0, "night"),
)
_YES, _NO, _REPEAT, _PERSON = "1", "2", "*", "0"


def step(flow: Flow, house: House, state: DialogState, event: DialogEvent) -> DialogStep:
    """The state after an event and what to do, in order. After the end nothing happens, but that
    an end which a restart cut short is said again."""
    turn = Turn(flow, house, _still_known(flow, state))
    if turn.state.place is not Place.GONE:
        _EVENTS[type(event)](turn, event)
        _next_topic(turn)
    elif isinstance(event, Started):
        end_again(turn)
    return turn.done()


def _still_known(flow: Flow, state: DialogState) -> DialogState:
    """Other dialogs may have been published in the middle of one: what they lack is let go."""
    lost = state.task not in ("", *flow.tasks) or state.slot not in ("", *flow.slots)
    if state.place is Place.GONE or not lost:
        return state
    return replace(state, place=Place.OPEN, task="", slot="", slots={}, pending="", guide=None)


# -- beginnings and ends -----------------------------------------------------------------------


def _started(turn: Turn, event: Started) -> None:
    if event.resumed:
        turn.say(turn.text("resumed"), *(turn.state.said or (turn.text("ask"),)))
        return
    part = next(name for hour, name in _HELLO if turn.house.hour >= hour)
    hello = turn.flow.texts.get(f"hello_{part}", "")
    turn.say(turn.text("greeting", hello=hello), whole=True)
    turn.say(turn.house.outage, turn.text("ask"))


def _silent(turn: Turn, _: Silent) -> None:
    turn.set(silences=turn.state.silences + 1)
    if turn.state.silences > MOST_SILENCES:
        leave(turn, "gone_silent", "silent")
        return
    said = turn.state.said
    turn.say(turn.text("silent"))
    turn.say(*said[-1:])
    turn.set(said=said)


# -- keys --------------------------------------------------------------------------------------


def _pressed(turn: Turn, event: Pressed) -> None:
    turn.set(silences=0)
    place, digit = turn.state.place, event.digit
    if place is Place.SLOT and turn.flow.slots[turn.state.slot].kind in ("phone", "last4"):
        _dial_in(turn, digit)
    elif digit == _PERSON:
        hand_over(turn, "key")
    elif digit == _REPEAT:
        repeat(turn)
    elif place is Place.OPEN or (place is Place.MORE and digit not in (_YES, _NO)):
        task = next((c for c, t in turn.flow.tasks.items() if t.key == digit), None)
        if task is not None:
            begin(turn, task)
        elif digit == "9":
            message(turn)
        else:
            fail(turn, turn.text("again_keys"))
    else:
        # "anything else?" is answered with yes and no too; the other tasks keep their keys
        intent = {_YES: "affirm.affirm", _NO: "deny.deny"}.get(digit, "")
        _PLACES[place](turn, Said("", intent, "act" if intent else "none"))


def _dial_in(turn: Turn, digit: str) -> None:
    """Digits of a number, one key each; the hash key ends it."""
    digits = turn.state.pending + (digit if digit.isdigit() else "")
    turn.set(pending=digits)
    wanted = LAST4_LENGTH if turn.flow.slots[turn.state.slot].kind == "last4" else PHONE_LENGTH
    if len(digits) >= wanted or (digit == "#" and digits):
        turn.set(pending="")
        took(turn, digits)


# -- words -------------------------------------------------------------------------------------


def _said(turn: Turn, event: Said) -> None:
    """What comes before everything is asked first, in order; then the place takes the words."""
    turn.set(silences=0)
    if not any(first(turn, event) for first in _BEFORE_ALL):
        _PLACES[turn.state.place](turn, event)


def _person_wanted(turn: Turn, event: Said) -> None:
    if event.means("affirm"):
        hand_over(turn, "asked" if "asked_person" in turn.state.facts else "dialect")
        return
    turn.set(place=Place.OPEN)
    if event.family == "deny":
        turn.say(turn.text("ask"))
    else:
        _open(turn, event)


def _open(turn: Turn, event: Said) -> None:
    more = turn.state.place is Place.MORE
    task = task_for(turn.flow, event)
    if _is_all(event, task, more=more):
        leave(turn, "bye", "answered")
    elif more and event.means("affirm"):
        turn.set(place=Place.OPEN, failures=0)
        turn.say(turn.text("ask"))
    elif changes_visit(turn, event):
        pass
    elif event.intent == "disconnect.enquiry":
        _asks_about_stopping(turn, event)
    elif task and event.action == "act":
        _wanted(turn, task, event)
    elif task and event.action == "clarify" and not is_told(event):
        ask_whether(turn, task, event, turn.text("sure", task=turn.flow.tasks[task].name))
    elif event.answer:
        answer(turn, event)
    else:
        _not_understood(turn, event)


def _is_all(event: Said, task: str, *, more: bool) -> bool:
    """Whether somebody is through; 没有 is an end here, whatever else it may sound like."""
    wanted = bool(task) and event.action == "act"
    return wording.closes(event.text) or (more and not wanted and event.means("deny"))


def _not_understood(turn: Turn, event: Said) -> None:
    """Asked again in other words; the second time by keys, which need no understanding."""
    if wording.greets(event.text) and turn.state.asides < MOST_ASIDES:
        turn.set(asides=turn.state.asides + 1, place=Place.OPEN)
        turn.say(turn.text("ask"))
    elif turn.state.failures:
        fail(turn, turn.text("again_menu"))
    else:
        fail(turn, turn.text("unclear" if event.clear < UNCLEAR else "again"))


def _asks_about_stopping(turn: Turn, event: Said) -> None:
    """Who asks about stopping is answered, and asked once whether that is wanted."""
    stop = task_of(turn, Deed.STOP)
    answered = bool(event.answer) and event.about in _OF_STOPPING
    if is_registered(turn, Deed.STOP) and not answered:
        turn.say(turn.text("stop_registered"))
        ask_more(turn)
        return
    if answered and stop:
        answer_and_offer(turn, event, stop)
    elif stop and turn.keep_fact(f"offered_{stop}"):
        ask_whether(turn, stop, event, turn.text("stop_unanswered"))
    elif event.answer:
        answer(turn, event)
    else:
        turn.set(failures=0)
        turn.say(turn.text("no_answer"))
        ask_more(turn)


def _wanted(turn: Turn, code: str, event: Said) -> None:
    """A clear wish. What is only asked about is told first; what was registered already is not
    registered a second time unasked."""
    task = turn.flow.tasks[code]
    registers = task.act in (Deed.SERVICE, Deed.STOP)
    if is_told(event) and registers:
        answer_and_offer(turn, event, code)
    elif is_told(event) and task.act is Deed.FAULT and event.about not in ("", "fault"):
        answer(turn, event)
    elif code in turn.state.finished and (registers or task.act is Deed.COMPLAINT):
        ask_whether(turn, code, event, turn.text("once_more", task=task.name))
    else:
        begin(turn, code, event)


def _sure(turn: Turn, event: Said) -> None:
    """Only a clear yes begins what was asked back; other words are heard as they are."""
    wish = turn.state.wish or event
    closes = wording.closes(event.text)
    if not closes and (event.means("affirm") or wording.agrees(event.text)):
        begin(turn, turn.state.task, replace(wish, slots={**wish.slots, **event.slots}))
    elif closes or event.means("deny") or wording.declines(event.text):
        answered = bool(wish.answer) or bool(turn.state.finished)
        closed(turn)
        turn.set(place=Place.MORE if answered else Place.OPEN)
        turn.say(turn.text("ask_more" if answered else "ask"))
    else:
        failures = turn.state.failures
        closed(turn)
        turn.set(place=Place.OPEN, failures=failures)
        _open(turn, event)


def _adult(turn: Turn, event: Said) -> None:
    answer_adult(turn, event, _open)


# -- deeds ----------------------------------------------------------------------------------------


def _next_topic(turn: Turn) -> None:
    """What else was said before is taken up now."""
    later = turn.state.later
    if turn.state.place is not Place.MORE or later is None:
        return
    turn.set(later=None, place=Place.OPEN)
    turn.say(turn.text("next_topic"))
    _open(turn, later)


def _acting(turn: Turn, event: Said) -> None:
    """Do nothing: the action runs in the same transaction, so words arrive after its result."""


#: Asked of every utterance, wherever the conversation is; the first that takes it is the last.
_BEFORE_ALL: tuple[Callable[[Turn, Said], bool], ...] = (
    danger, place_of_danger, crisis, hears_badly, fraud, anger, robot, wants_call_back,
    wants_person, bereaved, stays, minor, speaks_dialect, leaves_message, dropped, other_topic,
    question,
)  # fmt: skip
_PLACES: dict[Place, Callable[[Turn, Said], None]] = {
    Place.OPEN: _open, Place.MORE: _open, Place.SURE: _sure, Place.GUIDE: answer_guide,
    Place.REASON: answer_reason, Place.OFFER: answer_offer, Place.SLOT: answer_slot,
    Place.CONFIRM: answer_confirmation, Place.ACTING: _acting, Place.PERSON: _person_wanted,
    Place.ADULT: _adult,
}  # fmt: skip
_EVENTS: dict[type, Callable[..., None]] = {
    Started: _started, Said: _said, Pressed: _pressed, Silent: _silent, Acted: acted,
}  # fmt: skip
