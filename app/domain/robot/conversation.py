"""The robot's conversation as one machine over dialogs that are data: ``step(state, event)``.

Whatever is said, pressed or not said leads somewhere: two failures in a row lead to a person or to
the voicemail, never into a loop.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain.robot.openings import (
    answer_guide,
    answer_offer,
    answer_reason,
    guide_opening,
    identity_opening,
    reason_opening,
)
from app.domain.robot.slots import (
    LAST4_LENGTH,
    PHONE_LENGTH,
    answer_confirmation,
    answer_slot,
    next_slot,
    took,
    value_of,
)
from app.domain.robot.turn import Turn, end_again, fail, hand_over, leave
from app.domain.robot.vocabulary import (
    Acted,
    AskMessage,
    DialogEvent,
    DialogState,
    DialogStep,
    Flow,
    House,
    Place,
    Pressed,
    Said,
    Silent,
    SlotProgress,
    Started,
    Task,
)

MOST_SILENCES = 2
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


def step(flow: Flow, house: House, state: DialogState, event: DialogEvent) -> DialogStep:
    """The state after an event and what to do, in order. After the end nothing happens, but that
    an end which a restart cut short is said again."""
    turn = Turn(flow, house, _still_known(flow, state))
    if turn.state.place is not Place.GONE:
        _EVENTS[type(event)](turn, event)
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
    """Offer a person to somebody who speaks a dialect, instead of asking for everything again."""
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
    turn.set(task=code, slot="", values={"what": what}, slots=given, failures=0, pending="",
             guide=None)  # fmt: skip
    turn.say(task.start)
    opening = _OPENINGS.get(task.before)
    if opening is None or not opening(turn, event):
        next_slot(turn)


def _given(flow: Flow, task: Task, event: Said | None) -> dict[str, SlotProgress]:
    """Slots that were said with the wish itself."""
    if event is None:
        return {}
    found = {name: value_of(flow.slots[name], event, bare=False) for name in task.slots}
    return {name: SlotProgress(value) for name, value in found.items() if value}


# -- deeds ----------------------------------------------------------------------------------------


def _acted(turn: Turn, event: Acted) -> None:
    task = turn.flow.tasks[turn.state.task]
    turn.set(place=Place.MORE, finished=(*turn.state.finished, turn.state.task),
             outcome=turn.state.outcome or turn.state.task, failures=0)  # fmt: skip
    values = {"number": "", "promise": "", **event.values}
    done = task.done if values["number"] or not task.done_by_phone else task.done_by_phone
    turn.say(done.format_map(values), whole=task.whole)
    turn.say(turn.text("ask_more"))


def _acting(turn: Turn, event: Said) -> None:
    """Do nothing: the action runs in the same transaction, so words arrive after its result."""


_OPENINGS: dict[str, Callable[[Turn, Said | None], bool]] = {
    "guide": guide_opening, "reason": reason_opening, "identity": identity_opening,
}  # fmt: skip
_PLACES: dict[Place, Callable[[Turn, Said], None]] = {
    Place.OPEN: _open, Place.MORE: _open, Place.SURE: _sure, Place.GUIDE: answer_guide,
    Place.REASON: answer_reason, Place.OFFER: answer_offer, Place.SLOT: answer_slot,
    Place.CONFIRM: answer_confirmation, Place.ACTING: _acting, Place.PERSON: _person_wanted,
}  # fmt: skip
_EVENTS: dict[type, Callable[..., None]] = {
    Started: _started, Said: _said, Pressed: _pressed, Silent: _silent, Acted: _acted,
}  # fmt: skip
