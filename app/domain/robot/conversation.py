"""The robot's conversation as one machine over dialogs that are data: ``step(state, event)``.

Whatever is said, pressed or not said leads somewhere: two failures in a row lead to a person or to
the voicemail, never into a loop.
"""

from collections.abc import Callable

from app.domain.field import guide as guides
from app.domain.field.guide import FaultTree, GuideState
from app.domain.robot.slots import (
    LAST4_LENGTH,
    PHONE_LENGTH,
    answer_confirmation,
    answer_slot,
    ask,
    next_slot,
    took,
    value_of,
)
from app.domain.robot.turn import Turn, fail, hand_over, leave
from app.domain.robot.vocabulary import (
    Acted,
    AskMessage,
    DialogEvent,
    DialogState,
    DialogStep,
    Facts,
    Flow,
    Place,
    Pressed,
    Said,
    Silent,
    Started,
    Task,
)

MOST_SILENCES = 2
#: Guided steps by telephone without a person: more than these tire.
MOST_STEPS = 3
#: Below this the recogniser guessed.
UNCLEAR = 0.45
#: A whole sentence below this is hardly Mandarin: words were found that sound remotely like it.
FOREIGN, _SENTENCE, _LONG_SENTENCE = 0.8, 4, 7
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


def step(flow: Flow, facts: Facts, state: DialogState, event: DialogEvent) -> DialogStep:
    """The state after an event and what to do, in order. After the end nothing happens."""
    turn = Turn(flow, facts, state)
    if state.place is not Place.GONE:
        _EVENTS[type(event)](turn, event)
    return turn.done()


# -- beginnings and ends -----------------------------------------------------------------------


def _started(turn: Turn, event: Started) -> None:
    if event.resumed:
        turn.say(turn.text("resumed"), *(turn.state.said or (turn.text("ask"),)))
        return
    part = next(name for hour, name in _HELLO if turn.facts.hour >= hour)
    hello = turn.flow.texts.get(f"hello_{part}", "")
    turn.say(turn.text("greeting", hello=hello), whole=True)
    turn.say(turn.facts.outage, turn.text("ask"))


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
        _repeat(turn)
    elif place is Place.OPEN or (place is Place.MORE and digit not in (_YES, _NO)):
        task = next((c for c, t in turn.flow.tasks.items() if t.key == digit), None)
        if task is not None:
            _begin(turn, task)
        elif digit == "9":
            _message(turn)
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


def _message(turn: Turn) -> None:
    turn.say(turn.text("to_message"))
    turn.set(place=Place.GONE, outcome="message")
    turn.do(AskMessage())


def _repeat(turn: Turn) -> None:
    turn.say(*turn.state.said)


# -- words -------------------------------------------------------------------------------------


def _said(turn: Turn, event: Said) -> None:
    turn.set(silences=0)
    flow = turn.flow
    if flow.says("danger", event.text):
        hand_over(turn, "danger", urgent=True)
    elif flow.says("anger", event.text):
        hand_over(turn, "anger", urgent=True)
    elif flow.says("slower", event.text):
        turn.set(slow=True)
        _repeat(turn)
    elif flow.says("repeat", event.text):
        _repeat(turn)
    elif event.intent == "human.human" and event.action != "none":
        hand_over(turn, "asked")
    elif flow.says("dialect", event.text) or _sounds_foreign(turn, event):
        _offer_person(turn)
    elif flow.says("message", event.text) and turn.state.place in (Place.OPEN, Place.MORE):
        _message(turn)
    else:
        _PLACES[turn.state.place](turn, event)


def _sounds_foreign(turn: Turn, event: Said) -> bool:
    """A sentence at a free question of which neither words nor meaning are sure. What may mean
    something has to be longer to be doubted: noise makes short words unclear too."""
    if turn.state.place not in (Place.OPEN, Place.MORE, Place.PERSON) or event.action == "act":
        return False
    least = _SENTENCE if event.action == "none" else _LONG_SENTENCE
    return not event.answer and event.clear < FOREIGN and len(event.text) >= least


def _offer_person(turn: Turn) -> None:
    """Who speaks Cantonese, or not as the recogniser knows it, is not made to say it all again."""
    if turn.state.place is Place.PERSON or turn.state.failures:
        hand_over(turn, "dialect")
        return
    turn.set(place=Place.PERSON, failures=turn.state.failures + 1)
    turn.say(turn.text("dialect"))


def _person_wanted(turn: Turn, event: Said) -> None:
    if event.family == "affirm":
        hand_over(turn, "dialect")
        return
    turn.set(place=Place.OPEN)
    if event.family == "deny":
        turn.say(turn.text("ask"))
    else:
        _open(turn, event)


def _open(turn: Turn, event: Said) -> None:
    more = turn.state.place is Place.MORE
    if more and (event.family == "deny" or turn.flow.says("bye", event.text)):
        leave(turn, "bye", "answered")
        return
    if more and event.family == "affirm":
        turn.set(place=Place.OPEN, failures=0)
        turn.say(turn.text("ask"))
        return
    task = _task_for(turn.flow, event)
    if task and event.action == "act":
        _begin(turn, task, event)
    elif event.answer:
        turn.set(failures=0, place=Place.MORE)
        turn.say(event.answer, turn.text("ask_more"))
    elif task and event.action == "clarify":
        turn.set(place=Place.SURE, task=task)
        turn.say(turn.text("sure", task=turn.flow.tasks[task].name))
    elif event.clear < UNCLEAR:
        fail(turn, turn.text("unclear"))
    else:
        fail(turn, turn.text("again"))


def _task_for(flow: Flow, event: Said) -> str:
    exact = [c for c, t in flow.tasks.items() if event.intent in t.intents]
    family = [c for c, t in flow.tasks.items() if event.family in t.intents]
    return next(iter((*exact, *family)), "")


def _sure(turn: Turn, event: Said) -> None:
    if event.family == "affirm":
        _begin(turn, turn.state.task, event)
    elif event.family == "deny" and event.action == "act":
        turn.set(place=Place.OPEN, task="")
        turn.say(turn.text("ask"))
    else:
        turn.set(place=Place.OPEN, task="")
        _open(turn, event)


def _begin(turn: Turn, code: str, event: Said | None = None) -> None:
    task = turn.flow.tasks[code]
    given = _given(turn.flow, task, event)
    what = event.text if event is not None else ""
    turn.set(task=code, slot="", values={"what": what, **given}, failures=0, pending="", guide=None)
    turn.say(task.start)
    opening = _OPENINGS.get(task.before)
    if opening is None or not opening(turn, event):
        next_slot(turn)


def _given(flow: Flow, task: Task, event: Said | None) -> dict[str, str]:
    """Slots that were said with the wish itself."""
    if event is None:
        return {}
    found = {name: value_of(flow.slots[name], event, bare=False) for name in task.slots}
    return {name: value for name, value in found.items() if value}


# -- guided self-help, reason, identity ----------------------------------------------------------


def _guide_opening(turn: Turn, event: Said | None) -> bool:
    intent = event.intent if event is not None else ""
    if turn.facts.outage:
        return False
    tree = next((t for t in turn.facts.trees if intent in t.intents), None)
    if tree is None:
        return False
    turn.set(place=Place.GUIDE, guide=guides.begin(tree))
    turn.say(tree.steps[tree.start].say)
    return True


def _guide(turn: Turn, event: Said) -> None:
    state = turn.state.guide
    assert state is not None  # noqa: S101  the place has one
    tree = next((t for t in turn.facts.trees if t.code == state.tree), None)
    after = _guided(turn.flow, event, state, tree)
    if after is None:
        fail(turn, turn.text("again_keys"))
        return
    turn.set(guide=after, failures=0)
    if after.step == guides.SOLVED:
        turn.set(place=Place.MORE, finished=(*turn.state.finished, "solved"), outcome="solved")
        turn.say(turn.text("solved"), turn.text("ask_more"))
    elif after.ended or tree is None:
        next_slot(turn)
    else:
        turn.say(tree.steps[after.step].say)


def _guided(
    flow: Flow, event: Said, state: GuideState, tree: FaultTree | None
) -> GuideState | None:
    """The steps after an answer; None where it was none. Nobody is led on for long."""
    if flow.says("solved", event.text):
        return guides.end(state, guides.SOLVED)
    if tree is None or flow.says("send", event.text):
        return guides.end(state, guides.TICKET)
    unsure = "unsure" if flow.says("unsure", event.text) else ""
    answer = {"affirm": "yes", "deny": "no"}.get(event.family, unsure)
    if not answer:
        return None
    after = guides.answer(state, tree, answer)
    tired = not after.ended and len(after.trail) >= MOST_STEPS
    return guides.end(after, guides.TICKET) if tired else after


def _reason_opening(turn: Turn, event: Said | None) -> bool:
    reason = event.slots.get("reason", "") if event is not None else ""
    if reason:
        turn.set(values={**turn.state.values, "reason": reason})
        return _offer(turn)
    turn.set(place=Place.REASON)
    turn.say(turn.text("reason"))
    return True


def _reason(turn: Turn, event: Said) -> None:
    """Whatever is said is the reason: nobody is asked twice why."""
    reason = event.slots.get("reason", "other")
    turn.set(values={**turn.state.values, "reason": reason, "why": event.text})
    if not _offer(turn):
        next_slot(turn)


def _offer(turn: Turn) -> bool:
    """One offer at most, and only once."""
    fitting = turn.facts.offers.get(turn.state.values.get("reason", ""))
    if fitting is None or turn.state.offered:
        return False
    code, words = fitting
    values = {**turn.state.values, "offer": code}
    turn.set(place=Place.OFFER, offered=True, values=values)
    turn.say(words)
    return True


def _answer_offer(turn: Turn, event: Said) -> None:
    if event.family == "affirm":
        turn.set(values={**turn.state.values, "wants_offer": "yes"})
    elif event.family not in ("deny", "disconnect"):
        fail(turn, turn.text("again_keys"))
        return
    turn.say(turn.text("wish_noted") if event.family != "affirm" else "")
    next_slot(turn)


def _identity_opening(turn: Turn, _: Said | None) -> bool:
    """Only the household that the number belongs to, and only with four digits that it knows."""
    if not turn.facts.last4 or not turn.facts.bill:
        hand_over(turn, "identity")
        return True
    ask(turn, "last4")
    return True


def _acted(turn: Turn, event: Acted) -> None:
    task = turn.flow.tasks[turn.state.task]
    turn.set(place=Place.MORE, finished=(*turn.state.finished, turn.state.task),
             outcome=turn.state.outcome or turn.state.task, failures=0)  # fmt: skip
    turn.say(task.done.format_map({"number": "", "promise": "", **event.values}), whole=task.whole)
    turn.say(turn.text("ask_more"))


def _acting(turn: Turn, event: Said) -> None:
    """What is said while something is being done is heard after it."""


_OPENINGS: dict[str, Callable[[Turn, Said | None], bool]] = {
    "guide": _guide_opening, "reason": _reason_opening, "identity": _identity_opening,
}  # fmt: skip
_PLACES: dict[Place, Callable[[Turn, Said], None]] = {
    Place.OPEN: _open, Place.MORE: _open, Place.SURE: _sure, Place.GUIDE: _guide,
    Place.REASON: _reason, Place.OFFER: _answer_offer, Place.SLOT: answer_slot,
    Place.CONFIRM: answer_confirmation, Place.ACTING: _acting, Place.PERSON: _person_wanted,
}  # fmt: skip
_EVENTS: dict[type, Callable[..., None]] = {
    Started: _started, Said: _said, Pressed: _pressed, Silent: _silent, Acted: _acted,
}  # fmt: skip
