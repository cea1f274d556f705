"""A task begins: what it was asked with, what comes before its questions; and how it is done."""

from collections.abc import Callable
from dataclasses import replace

from app.domain.robot import wording
from app.domain.robot.offers import reason_opening
from app.domain.robot.openings import guide_opening, identity_opening
from app.domain.robot.slots import next_slot, value_of
from app.domain.robot.turn import Turn, ask_more, hand_over, is_reachable
from app.domain.robot.vocabulary import Acted, Deed, Flow, Place, Said, SlotProgress, Task

#: Outcomes that a later one of them takes the place of: who stays after all has not stopped.
_TURNS = ("kept", "stop", "offer", "withdraw", "answered", "solved")
_STORY = ("reason", "why", "offer", "kind", "condition")


def task_of(turn: Turn, deed: Deed) -> str:
    """The first task that ends in a deed; empty where the dialogs have none."""
    return next((code for code, task in turn.flow.tasks.items() if task.act is deed), "")


def is_registered(turn: Turn, deed: Deed) -> bool:
    """Whether something of the kind was registered in this call."""
    tasks = turn.flow.tasks
    return any(tasks[code].act is deed for code in turn.state.finished if code in tasks)


def begin(turn: Turn, code: str, event: Said | None = None) -> None:
    """Ask for all that a task needs, or do it at once. Where the dialogs lack it, a person takes
    over: what was said aloud is never just dropped."""
    if code not in turn.flow.tasks:
        hand_over(turn, "not_understood")
        return
    task = turn.flow.tasks[code]
    what = event.text if event is not None else ""
    turn.set(task=code, slot="", values={"what": what}, slots=_given(turn.flow, task, event),
             failures=0, pending="", guide=None, asides=0, wish=None)  # fmt: skip
    if event is not None and event.later is not None:
        turn.set(later=event.later)
    turn.say(_start(turn, task, event))
    opening = _OPENINGS.get(task.before)
    if opening is None or not opening(turn, event):
        next_slot(turn)


def is_fraud(event: Said) -> bool:
    """Whether somebody may be being deceived at this moment, as a kind or by its words."""
    return event.intent == "complaint.fraud" or wording.tells_of_fraud(event.text)


def _start(turn: Turn, task: Task, event: Said | None) -> str:
    """Who may be being deceived at this very moment hears how to be safe first."""
    deceived = event is not None and is_fraud(event)
    return turn.text("fraud") if deceived and task.act is Deed.COMPLAINT else task.start


def end_with(turn: Turn, deed: Deed, event: Said) -> None:
    """Let the running task end in another deed, with what was told for it."""
    told = {name: turn.state.values[name] for name in _STORY if name in turn.state.values}
    begun = task_of(turn, deed)
    if begun not in turn.flow.tasks:
        hand_over(turn, "not_understood")
        return
    what = turn.state.values.get("what", "")
    turn.set(task=begun, slot="", slots={}, pending="", guide=None, failures=0, wish=None,
             values={**told, "what": "；".join(filter(None, (what, event.text)))})  # fmt: skip
    next_slot(turn)


def _given(flow: Flow, task: Task, event: Said | None) -> dict[str, SlotProgress]:
    """Slots that were said with the wish itself."""
    if event is None:
        return {}
    found = {name: value_of(flow.slots[name], event, bare=False) for name in task.slots}
    return {name: SlotProgress(value) for name, value in found.items() if value}


def acted(turn: Turn, event: Acted) -> None:
    """The deed is done: say so, and go on with what else was said, or ask for it."""
    code = turn.state.task
    task = turn.flow.tasks[code]
    before = turn.state.outcome
    turn.set(place=Place.MORE, finished=(*turn.state.finished, code), failures=0, task="",
             outcome=code if not before or before in _TURNS else before)  # fmt: skip
    values = {"number": "", "promise": "", **event.values}
    done = task.done if values["number"] or not task.done_by_phone else task.done_by_phone
    turn.say(done.format_map(values), whole=task.whole)
    if task.act is Deed.DANGER and is_reachable(turn, urgent=True):
        hand_over(turn, "danger", urgent=True)
    elif "crisis" not in turn.state.facts:
        ask_more(turn)


def closed(turn: Turn) -> None:
    """The running task is let go without a deed."""
    turn.set(place=Place.MORE, task="", slot="", slots={}, pending="", guide=None, failures=0,
             wish=None)  # fmt: skip


def ask_whether(turn: Turn, code: str, event: Said, text: str) -> None:
    """Ask whether a task is wanted; what was said is kept for it."""
    turn.set(place=Place.SURE, task=code, wish=replace(event, later=None), failures=0)
    turn.say(text)
    if event.later is not None:
        turn.set(later=event.later)


def is_told(event: Said) -> bool:
    """Whether only an answer is asked for, and there is one."""
    return bool(event.answer) and wording.is_question(event.text) and not wording.wishes(event.text)


_OPENINGS: dict[str, Callable[[Turn, Said | None], bool]] = {
    "guide": guide_opening, "reason": reason_opening, "identity": identity_opening,
}  # fmt: skip
