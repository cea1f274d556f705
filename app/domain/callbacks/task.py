"""What is left to do after a call: open until it is done or dropped, as one table."""

from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class TaskEvent(StrEnum):
    """``later``: it stays to be done, at another time."""

    DONE = "done"
    DROPPED = "dropped"
    LATER = "later"


S, E = TaskState, TaskEvent
_TABLE: dict[tuple[TaskState, TaskEvent], TaskState] = {
    (S.OPEN, E.DONE): S.DONE,
    (S.OPEN, E.DROPPED): S.DROPPED,
    (S.OPEN, E.LATER): S.OPEN,
}


def allowed(state: TaskState) -> frozenset[TaskEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)


def step(state: TaskState, event: TaskEvent) -> TaskState:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((state, event))
    if after is None:
        raise Refused(RefusalCode.TASK_STATE, "this task is settled already")
    return after
