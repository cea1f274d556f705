"""The robot's conversation as one machine over dialogs that are data: ``step(state, event)``.

Whatever is said, pressed or not said leads somewhere: two failures in a row lead to a person or to
the voicemail, never into a loop.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain import guide as guides
from app.domain.dialog_vocabulary import (
    Act,
    Acted,
    AskMessage,
    DialogEffect,
    DialogEvent,
    DialogState,
    DialogStep,
    Facts,
    Flow,
    HandOver,
    Leave,
    Place,
    Pressed,
    Said,
    Say,
    Silent,
    Slot,
    Started,
    Task,
)
from app.domain.guide import FaultTree, GuideState

MOST_FAILURES, MOST_SILENCES = 2, 2
#: How often what was read back may be wrong; the first is a number or an address on file.
MOST_DENIALS = 4
#: Guided steps by telephone without a person: more than these tire.
MOST_STEPS = 3
PHONE_LENGTH, LANDLINE_LENGTH, LAST4_LENGTH = 11, 7, 4
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
_SHORTEST_ADDRESS = 4
_YES, _NO, _REPEAT, _PERSON = "1", "2", "*", "0"


class _Turn:
    """One event in one state: collects what is said and done."""

    def __init__(self, flow: Flow, facts: Facts, state: DialogState) -> None:
        self.flow, self.facts, self.state = flow, facts, state
        self.effects: list[DialogEffect] = []

    def set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type]

    def say(self, *texts: str, whole: bool = False) -> None:
        """What is said now is what will be repeated."""
        spoken = tuple(text for text in texts if text)
        before = self.state.said if any(isinstance(e, Say) for e in self.effects) else ()
        self.effects += [Say(text, whole) for text in spoken]
        self.set(said=(*before, *spoken))

    def text(self, name: str, **values: str) -> str:
        return self.flow.texts[name].format(**values)

    def do(self, *effects: DialogEffect) -> None:
        self.effects += effects

    def done(self) -> DialogStep:
        return self.state, tuple(self.effects)


def step(flow: Flow, facts: Facts, state: DialogState, event: DialogEvent) -> DialogStep:
    """The state after an event and what to do, in order. After the end nothing happens."""
    turn = _Turn(flow, facts, state)
    if state.place is not Place.GONE:
        _EVENTS[type(event)](turn, event)
    return turn.done()


# -- beginnings and ends -----------------------------------------------------------------------


def _started(turn: _Turn, event: Started) -> None:
    if event.resumed:
        turn.say(turn.text("resumed"), *(turn.state.said or (turn.text("ask"),)))
        return
    part = next(name for hour, name in _HELLO if turn.facts.hour >= hour)
    hello = turn.flow.texts.get(f"hello_{part}", "")
    turn.say(turn.text("greeting", hello=hello), whole=True)
    turn.say(turn.facts.outage, turn.text("ask"))


def _leave(turn: _Turn, text: str, outcome: str) -> None:
    turn.say(turn.text(text), whole=True)
    turn.set(place=Place.GONE, outcome=turn.state.outcome or outcome)
    turn.do(Leave())


def _hand_over(turn: _Turn, why: str, *, urgent: bool = False) -> None:
    """A person where one is there, or the one on duty; else a message: never nothing."""
    task = turn.flow.tasks.get(turn.state.task)
    urgent = urgent or (task is not None and (task.urgent or bool(turn.facts.outage)))
    if turn.facts.staffed or (urgent and turn.facts.on_duty):
        turn.say(turn.text("angry" if why == "anger" else "to_person"))
        turn.set(place=Place.GONE, outcome="person")
        turn.do(HandOver(why, urgent))
        return
    turn.say(turn.text("no_person"))
    turn.set(place=Place.GONE, outcome="message")
    turn.do(AskMessage())


def _fail(turn: _Turn, again: str) -> None:
    """Not understood: once more in other words, then a person or a message."""
    turn.set(failures=turn.state.failures + 1)
    if turn.state.failures >= MOST_FAILURES:
        _hand_over(turn, "not_understood")
    else:
        turn.say(again)


def _silent(turn: _Turn, _: Silent) -> None:
    turn.set(silences=turn.state.silences + 1)
    if turn.state.silences > MOST_SILENCES:
        _leave(turn, "gone_silent", "silent")
        return
    said = turn.state.said
    turn.say(turn.text("silent"))
    turn.say(*said[-1:])
    turn.set(said=said)


# -- keys --------------------------------------------------------------------------------------


def _pressed(turn: _Turn, event: Pressed) -> None:
    turn.set(silences=0)
    place, digit = turn.state.place, event.digit
    if place is Place.SLOT and turn.flow.slots[turn.state.slot].kind in ("phone", "last4"):
        _dial_in(turn, digit)
    elif digit == _PERSON:
        _hand_over(turn, "key")
    elif digit == _REPEAT:
        _repeat(turn)
    elif place is Place.OPEN or (place is Place.MORE and digit not in (_YES, _NO)):
        task = next((c for c, t in turn.flow.tasks.items() if t.key == digit), None)
        if task is not None:
            _begin(turn, task)
        elif digit == "9":
            _message(turn)
        else:
            _fail(turn, turn.text("again_keys"))
    else:
        # "anything else?" is answered with yes and no too; the other tasks keep their keys
        intent = {_YES: "affirm.affirm", _NO: "deny.deny"}.get(digit, "")
        _PLACES[place](turn, Said("", intent, "act" if intent else "none"))


def _dial_in(turn: _Turn, digit: str) -> None:
    """Digits of a number, one key each; the hash key ends it."""
    digits = turn.state.pending + (digit if digit.isdigit() else "")
    turn.set(pending=digits)
    wanted = LAST4_LENGTH if turn.flow.slots[turn.state.slot].kind == "last4" else PHONE_LENGTH
    if len(digits) >= wanted or (digit == "#" and digits):
        turn.set(pending="")
        _took(turn, digits)


def _message(turn: _Turn) -> None:
    turn.say(turn.text("to_message"))
    turn.set(place=Place.GONE, outcome="message")
    turn.do(AskMessage())


def _repeat(turn: _Turn) -> None:
    turn.say(*turn.state.said)


# -- words -------------------------------------------------------------------------------------


def _said(turn: _Turn, event: Said) -> None:
    turn.set(silences=0)
    flow = turn.flow
    if flow.says("danger", event.text):
        _hand_over(turn, "danger", urgent=True)
    elif flow.says("anger", event.text):
        _hand_over(turn, "anger", urgent=True)
    elif flow.says("slower", event.text):
        turn.set(slow=True)
        _repeat(turn)
    elif flow.says("repeat", event.text):
        _repeat(turn)
    elif event.intent == "human.human" and event.action != "none":
        _hand_over(turn, "asked")
    elif flow.says("dialect", event.text) or _sounds_foreign(turn, event):
        _offer_person(turn)
    elif flow.says("message", event.text) and turn.state.place in (Place.OPEN, Place.MORE):
        _message(turn)
    else:
        _PLACES[turn.state.place](turn, event)


def _sounds_foreign(turn: _Turn, event: Said) -> bool:
    """A sentence at a free question of which neither words nor meaning are sure. What may mean
    something has to be longer to be doubted: noise makes short words unclear too."""
    if turn.state.place not in (Place.OPEN, Place.MORE, Place.PERSON) or event.action == "act":
        return False
    least = _SENTENCE if event.action == "none" else _LONG_SENTENCE
    return not event.answer and event.clear < FOREIGN and len(event.text) >= least


def _offer_person(turn: _Turn) -> None:
    """Who speaks Cantonese, or not as the recogniser knows it, is not made to say it all again."""
    if turn.state.place is Place.PERSON or turn.state.failures:
        _hand_over(turn, "dialect")
        return
    turn.set(place=Place.PERSON, failures=turn.state.failures + 1)
    turn.say(turn.text("dialect"))


def _person_wanted(turn: _Turn, event: Said) -> None:
    if event.family == "affirm":
        _hand_over(turn, "dialect")
        return
    turn.set(place=Place.OPEN)
    if event.family == "deny":
        turn.say(turn.text("ask"))
    else:
        _open(turn, event)


def _open(turn: _Turn, event: Said) -> None:
    more = turn.state.place is Place.MORE
    if more and (event.family == "deny" or turn.flow.says("bye", event.text)):
        _leave(turn, "bye", "answered")
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
        _fail(turn, turn.text("unclear"))
    else:
        _fail(turn, turn.text("again"))


def _task_for(flow: Flow, event: Said) -> str:
    exact = [c for c, t in flow.tasks.items() if event.intent in t.intents]
    family = [c for c, t in flow.tasks.items() if event.family in t.intents]
    return next(iter((*exact, *family)), "")


def _sure(turn: _Turn, event: Said) -> None:
    if event.family == "affirm":
        _begin(turn, turn.state.task, event)
    elif event.family == "deny" and event.action == "act":
        turn.set(place=Place.OPEN, task="")
        turn.say(turn.text("ask"))
    else:
        turn.set(place=Place.OPEN, task="")
        _open(turn, event)


def _begin(turn: _Turn, code: str, event: Said | None = None) -> None:
    task = turn.flow.tasks[code]
    given = _given(turn.flow, task, event)
    what = event.text if event is not None else ""
    turn.set(task=code, slot="", values={"what": what, **given}, failures=0, pending="", guide=None)
    turn.say(task.start)
    opening = _OPENINGS.get(task.before)
    if opening is None or not opening(turn, event):
        _next_slot(turn)


def _given(flow: Flow, task: Task, event: Said | None) -> dict[str, str]:
    """Slots that were said with the wish itself."""
    return {} if event is None else {
        name: value for name in task.slots if (value := _value(flow.slots[name], event, bare=False))
    }  # fmt: skip


# -- guided self-help, reason, identity ----------------------------------------------------------


def _guide_opening(turn: _Turn, event: Said | None) -> bool:
    intent = event.intent if event is not None else ""
    if turn.facts.outage:
        return False
    tree = next((t for t in turn.facts.trees if intent in t.intents), None)
    if tree is None:
        return False
    turn.set(place=Place.GUIDE, guide=guides.begin(tree))
    turn.say(tree.steps[tree.start].say)
    return True


def _guide(turn: _Turn, event: Said) -> None:
    state = turn.state.guide
    assert state is not None  # noqa: S101  the place has one
    tree = next((t for t in turn.facts.trees if t.code == state.tree), None)
    after = _guided(turn.flow, event, state, tree)
    if after is None:
        _fail(turn, turn.text("again_keys"))
        return
    turn.set(guide=after, failures=0)
    if after.step == guides.SOLVED:
        turn.set(place=Place.MORE, finished=(*turn.state.finished, "solved"), outcome="solved")
        turn.say(turn.text("solved"), turn.text("ask_more"))
    elif after.ended or tree is None:
        _next_slot(turn)
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


def _reason_opening(turn: _Turn, event: Said | None) -> bool:
    reason = event.slots.get("reason", "") if event is not None else ""
    if reason:
        turn.set(values={**turn.state.values, "reason": reason})
        return _offer(turn)
    turn.set(place=Place.REASON)
    turn.say(turn.text("reason"))
    return True


def _reason(turn: _Turn, event: Said) -> None:
    """Whatever is said is the reason: nobody is asked twice why."""
    reason = event.slots.get("reason", "other")
    turn.set(values={**turn.state.values, "reason": reason, "why": event.text})
    if not _offer(turn):
        _next_slot(turn)


def _offer(turn: _Turn) -> bool:
    """One offer at most, and only once."""
    fitting = turn.facts.offers.get(turn.state.values.get("reason", ""))
    if fitting is None or turn.state.offered:
        return False
    code, words = fitting
    values = {**turn.state.values, "offer": code}
    turn.set(place=Place.OFFER, offered=True, values=values)
    turn.say(words)
    return True


def _answer_offer(turn: _Turn, event: Said) -> None:
    if event.family == "affirm":
        turn.set(values={**turn.state.values, "wants_offer": "yes"})
    elif event.family not in ("deny", "disconnect"):
        _fail(turn, turn.text("again_keys"))
        return
    turn.say(turn.text("wish_noted") if event.family != "affirm" else "")
    _next_slot(turn)


def _identity_opening(turn: _Turn, _: Said | None) -> bool:
    """Only the household that the number belongs to, and only with four digits that it knows."""
    if not turn.facts.last4 or not turn.facts.bill:
        _hand_over(turn, "identity")
        return True
    _ask(turn, "last4")
    return True


# -- slots -------------------------------------------------------------------------------------


def _next_slot(turn: _Turn) -> None:
    task = turn.flow.tasks[turn.state.task]
    for name in task.slots:
        slot, value = turn.flow.slots[name], turn.state.values.get(name, "")
        if value and f"{name}_ok" not in turn.state.values and slot.confirm:
            _confirm(turn, name, value)
            return
        if not value:
            _ask(turn, name)
            return
    turn.set(place=Place.ACTING, slot="", failures=0)
    turn.do(Act(task.act, turn.state.values))


def _ask(turn: _Turn, name: str) -> None:
    slot = turn.flow.slots[name]
    known = getattr(turn.facts, slot.known, "") if slot.known else ""
    if known and slot.offer_known and f"{name}_asked" not in turn.state.values:
        values = {**turn.state.values, f"{name}_asked": "yes"}
        turn.set(place=Place.CONFIRM, slot=name, pending=known, values=values)
        turn.say(slot.offer_known.format(value=_read(slot, known)))
        return
    turn.set(place=Place.SLOT, slot=name, pending="")
    turn.say(slot.ask)


def _slot(turn: _Turn, event: Said) -> None:
    slot = turn.flow.slots[turn.state.slot]
    if slot.kind in ("phone", "last4"):
        _numbers(turn, event, slot)
        return
    value = _value(slot, event, bare=True)
    if not value:
        _fail(turn, slot.again)
        return
    _took(turn, value)


def _numbers(turn: _Turn, event: Said, slot: Slot) -> None:
    """Digits may come in pieces, over pauses."""
    digits = turn.state.pending + (event.slots.get("phone", "") or event.digits)
    if slot.kind == "last4":
        _four_digits(turn, event.digits, slot)
        return
    over = turn.flow.says("that_is_all", event.text) and len(digits) >= LANDLINE_LENGTH
    if len(digits) >= PHONE_LENGTH or over:
        turn.set(pending="")
        _took(turn, digits)
    elif digits != turn.state.pending:
        turn.set(pending=digits, failures=0)
        turn.do(Say("嗯"))
    else:
        _fail(turn, slot.again)


def _four_digits(turn: _Turn, digits: str, slot: Slot) -> None:
    """In one breath: who is heard with fewer is asked for the keys, and not for ever."""
    if len(digits) >= LAST4_LENGTH:
        _took(turn, digits[-LAST4_LENGTH:])
    else:
        _fail(turn, slot.again)


def _value(slot: Slot, event: Said, *, bare: bool) -> str:
    """What an utterance says for a slot; ``bare``: the whole text may be it."""
    if slot.kind == "phone":
        return event.slots.get("phone", "")
    if slot.kind == "address":
        found = event.slots.get("address", "") or event.slots.get("estate", "")
        long = bare and event.family not in ("affirm", "deny")
        return found or (event.text if long and len(event.text) >= _SHORTEST_ADDRESS else "")
    if slot.kind == "when":
        return event.slots.get("when", "") or event.slots.get("date", "")
    return event.text if bare and slot.kind == "text" else ""


def _took(turn: _Turn, value: str) -> None:
    name = turn.state.slot
    slot = turn.flow.slots[name]
    if slot.kind == "last4":
        _identified(turn, value)
        return
    turn.set(values={**turn.state.values, name: value}, failures=0)
    if slot.confirm:
        _confirm(turn, name, value)
    else:
        _next_slot(turn)


def _confirm(turn: _Turn, name: str, value: str) -> None:
    slot = turn.flow.slots[name]
    turn.set(place=Place.CONFIRM, slot=name, pending=value)
    turn.say(slot.confirm.format(value=_read(slot, value)))


def _confirmed(turn: _Turn, event: Said) -> None:
    """Yes; no; or no with the right value in the same breath."""
    name = turn.state.slot
    slot = turn.flow.slots[name]
    other = _value(slot, event, bare=False)
    if slot.kind == "phone" and not other and len(event.digits) >= LANDLINE_LENGTH:
        other = event.digits
    if other and other != turn.state.pending:
        _took(turn, other)
    elif event.family == "affirm":
        values = {**turn.state.values, name: turn.state.pending, f"{name}_ok": "yes"}
        turn.set(values=values, pending="", failures=0)
        _next_slot(turn)
    elif event.family == "deny":
        _denied(turn, name)
    else:
        _fail(turn, turn.text("again_keys"))


def _denied(turn: _Turn, name: str) -> None:
    """Asked again, but not for ever: a person takes down what is read back wrong every time."""
    times = turn.state.values.get(f"{name}_wrong", "") + "x"
    if len(times) >= MOST_DENIALS:
        _hand_over(turn, "not_understood")
        return
    values = {k: v for k, v in turn.state.values.items() if k != name}
    turn.set(values={**values, f"{name}_asked": "yes", f"{name}_wrong": times}, pending="")
    _ask(turn, name)


def _identified(turn: _Turn, digits: str) -> None:
    if digits == turn.facts.last4:
        turn.set(place=Place.MORE, failures=0, outcome="bill")
        turn.say(turn.text("bill", bill=turn.facts.bill), turn.text("ask_more"))
    else:
        _fail(turn, turn.text("identity_wrong"))


def _read(slot: Slot, value: str) -> str:
    """Digits are read back in groups of three and four, as a person would."""
    if slot.kind != "phone" or not value.isdigit():
        return value
    groups = [value[:3]] + [value[at : at + 4] for at in range(3, len(value), 4)]
    return "，".join("".join(_DIGIT_NAMES[int(d)] for d in group) for group in groups if group)


_DIGIT_NAMES = "零幺二三四五六七八九"


def _acted(turn: _Turn, event: Acted) -> None:
    task = turn.flow.tasks[turn.state.task]
    turn.set(place=Place.MORE, finished=(*turn.state.finished, turn.state.task),
             outcome=turn.state.outcome or turn.state.task, failures=0)  # fmt: skip
    turn.say(task.done.format_map({"number": "", "promise": "", **event.values}), whole=task.whole)
    turn.say(turn.text("ask_more"))


def _acting(turn: _Turn, event: Said) -> None:
    """What is said while something is being done is heard after it."""


_OPENINGS: dict[str, Callable[[_Turn, Said | None], bool]] = {
    "guide": _guide_opening, "reason": _reason_opening, "identity": _identity_opening,
}  # fmt: skip
_PLACES: dict[Place, Callable[[_Turn, Said], None]] = {
    Place.OPEN: _open, Place.MORE: _open, Place.SURE: _sure, Place.GUIDE: _guide,
    Place.REASON: _reason, Place.OFFER: _answer_offer, Place.SLOT: _slot,
    Place.CONFIRM: _confirmed, Place.ACTING: _acting, Place.PERSON: _person_wanted,
}  # fmt: skip
_EVENTS: dict[type, Callable[..., None]] = {
    Started: _started, Said: _said, Pressed: _pressed, Silent: _silent, Acted: _acted,
}  # fmt: skip
