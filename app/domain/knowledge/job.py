"""A check, a test or a training of a version: it runs, and ends in one of three ways."""

from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused


class JobState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    OUTDATED = "outdated"


class JobEvent(StrEnum):
    """``finished``: with a result; ``overtaken``: with one for a draft that was edited meanwhile;
    ``failed``: without a result; ``interrupted``: whoever ran it is no more."""

    FINISHED = "finished"
    OVERTAKEN = "overtaken"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


S, E = JobState, JobEvent
_TABLE: dict[tuple[JobState, JobEvent], JobState] = {
    (S.RUNNING, E.FINISHED): S.DONE,
    (S.RUNNING, E.OVERTAKEN): S.OUTDATED,
    (S.RUNNING, E.FAILED): S.FAILED,
    (S.RUNNING, E.INTERRUPTED): S.FAILED,
}


def allowed(state: JobState) -> frozenset[JobEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)


def step(state: JobState, event: JobEvent) -> JobState:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((state, event))
    if after is None:
        raise Refused(RefusalCode.JOB_RUNNING, f"a job that is {state} has ended")
    return after
