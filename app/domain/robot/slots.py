"""Asking for what a task needs: addresses, numbers in pieces, reading back, identity."""

from collections.abc import Callable

from app.domain.robot import wording
from app.domain.robot.house import KNOWN_FACTS
from app.domain.robot.turn import MOST_FAILURES, Turn, ask_more, fail, hand_over
from app.domain.robot.vocabulary import Act, Deed, Place, Said, Say, Slot, Task

#: How often what was read back may be wrong; the first is a number or an address on file.
MOST_DENIALS = 4
#: How often four digits may be the wrong ones, or be refused, before another way is shown.
MOST_TRIES, MOST_REFUSALS = 3, 2
PHONE_LENGTH, LANDLINE_LENGTH, LAST4_LENGTH = 11, 7, 4
_SHORTEST_ADDRESS, _SHORTEST_STORY = 4, 16
_DIGIT_NAMES = "零幺二三四五六七八九"
#: What stands for a time that nobody knows yet; whoever rings back agrees on one.
TIME_OPEN = "时间待定"


def next_slot(turn: Turn) -> None:
    """Ask for what is missing, read back what is not confirmed; with all of it the task is done."""
    task = turn.flow.tasks[turn.state.task]
    for name in task.slots:
        slot, progress = turn.flow.slots[name], turn.state.progress(name)
        if progress.skipped:
            continue
        if task.quiet and not progress.value:
            _take_known(turn, name, slot)
            progress = turn.state.progress(name)
        if not progress.value:
            ask(turn, name)
            return
        if _reads_back(task, slot) and not progress.confirmed:
            _confirm(turn, name, progress.value)
            return
    turn.set(place=Place.ACTING, slot="", failures=0)
    turn.do(Act(task.act, turn.state.given()))


def _reads_back(task: Task, slot: Slot) -> bool:
    """In danger nothing is read back: the ticket comes first."""
    return bool(slot.confirm) and task.act is not Deed.DANGER


def _take_known(turn: Turn, name: str, slot: Slot) -> None:
    """Nobody is asked for what is on file where only something small is noted."""
    known = _known(turn, slot)
    if known:
        turn.progress(name, value=known, confirmed=True)


def _known(turn: Turn, slot: Slot) -> str:
    return KNOWN_FACTS[slot.known](turn.house) if slot.known else ""


def ask(turn: Turn, name: str) -> None:
    """Ask the question of a slot; a value that is already known is offered first, once."""
    slot = turn.flow.slots[name]
    offered = slot.offer_known and not turn.state.progress(name).asked
    known = _known(turn, slot) if offered else ""
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
    answer = _ANSWERS.get(slot.kind)
    if answer is not None:
        answer(turn, event, slot)
        return
    value = value_of(slot, event, bare=True)
    if value:
        took(turn, value)
    else:
        _not_told(turn, slot)


def _not_told(turn: Turn, slot: Slot) -> None:
    """Asked again; then it is left to whoever rings back, rather than to end there."""
    if turn.state.failures + 1 >= MOST_FAILURES and slot.kind != "text":
        skip(turn)
    else:
        fail(turn, slot.again)


def skip(turn: Turn) -> None:
    """Go on without a slot: whoever rings back or comes asks for it."""
    turn.progress(turn.state.slot, skipped=True)
    turn.set(pending="", failures=0)
    next_slot(turn)


def _address(turn: Turn, event: Said, slot: Slot) -> None:
    """An address; what is on file stands for one that nobody wants to say again."""
    value = value_of(slot, event, bare=True)
    unwilling = wording.keeps_back(event.text) or wording.is_unsure(event.text)
    if value and not (unwilling and value == event.text):
        took(turn, value)
    elif unwilling:
        _use_known(turn, slot)
    else:
        _not_told(turn, slot)


def _use_known(turn: Turn, slot: Slot) -> None:
    known = _known(turn, slot)
    if known:
        turn.progress(turn.state.slot, value=known, confirmed=True)
        turn.set(pending="", failures=0)
        next_slot(turn)
    else:
        skip(turn)


def _time(turn: Turn, event: Said, slot: Slot) -> None:
    """A day or an hour; as soon as possible, or not known yet, is an answer too."""
    value = value_of(slot, event, bare=False)
    words = wording.plain(event.text)
    if not value and (wording.at_any_time(words) or wording.at_unknown_time(words)):
        value = event.text if wording.at_any_time(words) else TIME_OPEN
    if not value and turn.state.failures and len(words) > 1:
        value = event.text
    if value:
        took(turn, value)
    else:
        _not_told(turn, slot)


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
    elif _known(turn, slot) and _same_number(turn, event):
        _use_known(turn, slot)
    elif wording.keeps_back(event.text):
        _number_kept_back(turn)
    else:
        fail(turn, slot.again)


def _same_number(turn: Turn, event: Said) -> bool:
    """Whether the number that rings is meant, or no other one will be told."""
    own = turn.flow.says("this_number", event.text) or wording.agrees(event.text)
    return own or wording.keeps_back(event.text) or turn.state.failures > 0


def _number_kept_back(turn: Turn) -> None:
    """Why it is asked for; who still will not tell it can leave it in a message."""
    name = turn.state.slot
    denials = turn.state.progress(name).denials + 1
    turn.progress(name, denials=denials)
    if denials >= MOST_REFUSALS:
        hand_over(turn, "no_number")
    else:
        turn.ask_again(turn.text("why_phone"))


def _four_digits(turn: Turn, event: Said, slot: Slot) -> None:
    """Take four digits said in one breath; fewer are asked for again. Nobody is pressed: who will
    not tell them hears why, and then another way."""
    if len(event.digits) >= LAST4_LENGTH:
        took(turn, event.digits[-LAST4_LENGTH:])
    elif wording.keeps_back(event.text) or event.means("deny"):
        _digits_kept_back(turn)
    elif turn.state.failures + 1 >= MOST_FAILURES:
        _another_way(turn)
    else:
        fail(turn, slot.again)


def _digits_kept_back(turn: Turn) -> None:
    if turn.state.progress("refused").denials + 1 >= MOST_REFUSALS:
        _another_way(turn)
        return
    turn.progress("refused", denials=1)
    turn.ask_again(turn.text("why_digits"))


def _another_way(turn: Turn) -> None:
    turn.set(failures=0, task="", outcome=turn.state.outcome or "answered")
    turn.say(turn.text("identity_elsewhere"))
    ask_more(turn)


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
    told = bare or len(event.text) >= _SHORTEST_STORY
    return event.text if told and slot.kind == "text" else ""


def took(turn: Turn, value: str) -> None:
    """Keep a value given by voice or keys, or read it back first if the slot wants that."""
    name = turn.state.slot
    slot = turn.flow.slots[name]
    if slot.kind == "last4":
        _identified(turn, value)
        return
    turn.progress(name, value=value)
    turn.set(failures=0)
    if _reads_back(turn.flow.tasks[turn.state.task], slot):
        _confirm(turn, name, value)
    else:
        next_slot(turn)


def _confirm(turn: Turn, name: str, value: str) -> None:
    slot = turn.flow.slots[name]
    turn.set(place=Place.CONFIRM, slot=name, pending=value)
    turn.say(slot.confirm.format(value=_read(slot, value)))


def answer_confirmation(turn: Turn, event: Said) -> None:
    """Take the answer to a read-back: yes, no, or no with the right value in one breath."""
    slot = turn.flow.slots[turn.state.slot]
    other = value_of(slot, event, bare=False)
    if slot.kind == "phone" and not other and len(event.digits) >= LANDLINE_LENGTH:
        other = event.digits
    if other and other not in turn.state.pending:
        took(turn, other)
    elif wording.keeps_back(event.text) or wording.asks_why(event.text):
        _doubted(turn, event)
    elif event.means("affirm") or other or wording.agrees(event.text):
        _agreed(turn)
    elif event.means("deny") or wording.refuses(event.text):
        _denied(turn, turn.state.slot)
    else:
        _unconfirmed(turn)


def _doubted(turn: Turn, event: Said) -> None:
    """What it is wanted for, once; who does not want it noted is not pressed."""
    name = turn.state.slot
    if wording.asks_why(event.text) and not turn.state.progress(name).denials:
        turn.progress(name, denials=1)
        turn.ask_again(turn.text("why_phone"))
    else:
        skip(turn)


def _agreed(turn: Turn) -> None:
    turn.progress(turn.state.slot, value=turn.state.pending, confirmed=True)
    turn.set(pending="", failures=0)
    next_slot(turn)


def _unconfirmed(turn: Turn) -> None:
    """Asked again; then what was read back is taken, and noted as not confirmed."""
    if turn.state.failures + 1 < MOST_FAILURES:
        fail(turn, turn.text("again_keys"))
        return
    doubted = filter(None, (turn.state.values.get("unconfirmed", ""), turn.state.slot))
    turn.keep_values(unconfirmed=",".join(doubted))
    _agreed(turn)


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
    """Three tries, by voice or keys; then another way."""
    if digits == turn.house.last4:
        turn.set(failures=0, outcome="bill", task="", finished=(*turn.state.finished, "bill"))
        turn.say(turn.text("bill", bill=turn.house.bill))
        ask_more(turn)
        return
    tries = turn.state.progress("wrong").denials + 1
    turn.progress("wrong", denials=tries)
    if tries >= MOST_TRIES:
        _another_way(turn)
    else:
        turn.set(failures=0)
        turn.say(turn.text("identity_wrong"))


def _read(slot: Slot, value: str) -> str:
    """Digits are read back in groups of three and four, as a person would."""
    if slot.kind != "phone" or not (value.isascii() and value.isdigit()):
        return value
    groups = [value[:3]] + [value[at : at + 4] for at in range(3, len(value), 4)]
    return "，".join("".join(_DIGIT_NAMES[int(d)] for d in group) for group in groups if group)


_ANSWERS: dict[str, Callable[[Turn, Said, Slot], None]] = {
    "address": _address, "when": _time, "phone": _numbers, "last4": _four_digits,
}  # fmt: skip
