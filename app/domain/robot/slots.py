"""Asking for what a task needs: addresses, numbers in pieces, reading back, identity."""

from app.domain.robot.turn import Turn, fail, hand_over
from app.domain.robot.vocabulary import KNOWN_FACTS, Act, Place, Said, Say, Slot

#: How often what was read back may be wrong; the first is a number or an address on file.
MOST_DENIALS = 4
PHONE_LENGTH, LANDLINE_LENGTH, LAST4_LENGTH = 11, 7, 4
_SHORTEST_ADDRESS = 4
_DIGIT_NAMES = "零幺二三四五六七八九"


def next_slot(turn: Turn) -> None:
    """Ask for what is missing, read back what is not confirmed; with all of it the task is done."""
    task = turn.flow.tasks[turn.state.task]
    for name in task.slots:
        slot, progress = turn.flow.slots[name], turn.state.progress(name)
        if not progress.value:
            ask(turn, name)
            return
        if slot.confirm and not progress.confirmed:
            _confirm(turn, name, progress.value)
            return
    turn.set(place=Place.ACTING, slot="", failures=0)
    turn.do(Act(task.act, turn.state.given()))


def ask(turn: Turn, name: str) -> None:
    """Ask the question of a slot; a value that is already known is offered first, once."""
    slot = turn.flow.slots[name]
    offered = slot.known and slot.offer_known and not turn.state.progress(name).asked
    known = KNOWN_FACTS[slot.known](turn.house) if offered else ""
    if known:
        turn.progress(name, asked=True)
        turn.set(place=Place.CONFIRM, slot=name, pending=known)
        turn.say(slot.offer_known.format(value=_read(slot, known)))
        return
    turn.set(place=Place.SLOT, slot=name, pending="")
    turn.say(slot.ask)


def answer_slot(turn: Turn, event: Said) -> None:
    """Take what the caller said to the question of a slot."""
    slot = turn.flow.slots[turn.state.slot]
    if slot.kind == "phone":
        _numbers(turn, event, slot)
        return
    if slot.kind == "last4":
        _four_digits(turn, event.digits, slot)
        return
    value = value_of(slot, event, bare=True)
    if not value:
        fail(turn, slot.again)
        return
    took(turn, value)


def _numbers(turn: Turn, event: Said, slot: Slot) -> None:
    """Collect digits that come in pieces, over pauses."""
    digits = turn.state.pending + (event.slots.get("phone", "") or event.digits)
    over = turn.flow.says("that_is_all", event.text) and len(digits) >= LANDLINE_LENGTH
    if len(digits) >= PHONE_LENGTH or over:
        turn.set(pending="")
        took(turn, digits)
    elif digits != turn.state.pending:
        turn.set(pending=digits, failures=0)
        turn.do(Say("嗯"))
    else:
        fail(turn, slot.again)


def _four_digits(turn: Turn, digits: str, slot: Slot) -> None:
    """Take four digits said in one breath; fewer count as a failure and are asked for again."""
    if len(digits) >= LAST4_LENGTH:
        took(turn, digits[-LAST4_LENGTH:])
    else:
        fail(turn, slot.again)


def value_of(slot: Slot, event: Said, *, bare: bool) -> str:
    """The value that an utterance gives for a slot. ``bare``: the whole text may be the value."""
    if slot.kind == "phone":
        return event.slots.get("phone", "")
    if slot.kind == "address":
        found = event.slots.get("address", "") or event.slots.get("estate", "")
        long = bare and event.family not in ("affirm", "deny")
        return found or (event.text if long and len(event.text) >= _SHORTEST_ADDRESS else "")
    if slot.kind == "when":
        return event.slots.get("when", "") or event.slots.get("date", "")
    return event.text if bare and slot.kind == "text" else ""


def took(turn: Turn, value: str) -> None:
    """Keep a value given by voice or keys, or read it back first if the slot wants that."""
    name = turn.state.slot
    slot = turn.flow.slots[name]
    if slot.kind == "last4":
        _identified(turn, value)
        return
    turn.progress(name, value=value)
    turn.set(failures=0)
    if slot.confirm:
        _confirm(turn, name, value)
    else:
        next_slot(turn)


def _confirm(turn: Turn, name: str, value: str) -> None:
    slot = turn.flow.slots[name]
    turn.set(place=Place.CONFIRM, slot=name, pending=value)
    turn.say(slot.confirm.format(value=_read(slot, value)))


def answer_confirmation(turn: Turn, event: Said) -> None:
    """Take the answer to a read-back: yes, no, or no with the right value in one breath."""
    name = turn.state.slot
    slot = turn.flow.slots[name]
    other = value_of(slot, event, bare=False)
    if slot.kind == "phone" and not other and len(event.digits) >= LANDLINE_LENGTH:
        other = event.digits
    if other and other != turn.state.pending:
        took(turn, other)
    elif event.family == "affirm":
        turn.progress(name, value=turn.state.pending, confirmed=True)
        turn.set(pending="", failures=0)
        next_slot(turn)
    elif event.family == "deny":
        _denied(turn, name)
    else:
        fail(turn, turn.text("again_keys"))


def _denied(turn: Turn, name: str) -> None:
    """Asked again, but not for ever: a person takes down what is read back wrong every time."""
    denials = turn.state.progress(name).denials + 1
    if denials >= MOST_DENIALS:
        hand_over(turn, "not_understood")
        return
    turn.progress(name, value="", asked=True, denials=denials)
    turn.set(pending="")
    ask(turn, name)


def _identified(turn: Turn, digits: str) -> None:
    if digits == turn.house.last4:
        turn.set(place=Place.MORE, failures=0, outcome="bill")
        turn.say(turn.text("bill", bill=turn.house.bill), turn.text("ask_more"))
    else:
        fail(turn, turn.text("identity_wrong"))


def _read(slot: Slot, value: str) -> str:
    """Digits are read back in groups of three and four, as a person would."""
    if slot.kind != "phone" or not (value.isascii() and value.isdigit()):
        return value
    groups = [value[:3]] + [value[at : at + 4] for at in range(3, len(value), 4)]
    return "，".join("".join(_DIGIT_NAMES[int(d)] for d in group) for group in groups if group)
