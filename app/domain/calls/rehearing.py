"""A finished call that is heard once more as a whole (整通复听): waiting, heard, or given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused

#: How long after a failed try the next one comes; after the last one a call is given up.
AGAIN_AFTER = (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24))
#: Calls that go on need the machine: what is too long to be heard beside them waits this long.
LATER_AFTER = timedelta(minutes=1)
#: Older calls are left as they are: nobody works with them any more.
HEARD_WITHIN = timedelta(days=30)


class RehearingState(StrEnum):
    WAITING = "waiting"
    HEARD = "heard"
    UNHEARD = "unheard"


class RehearingEvent(StrEnum):
    """``heard``: all of it; ``later``: calls go first now; ``failed``: this try, for a reason that
    may pass; ``lost``: there is nothing to hear and never will be."""

    HEARD = "heard"
    LATER = "later"
    FAILED = "failed"
    LOST = "lost"


class UnheardReason(StrEnum):
    """Why a call was not heard again."""

    NO_RECORDING = "no_recording"
    MISSING = "recording_missing"
    DAMAGED = "recording_damaged"
    NO_ANSWER = "no_answer"


S, E = RehearingState, RehearingEvent
_TABLE: dict[tuple[RehearingState, RehearingEvent], RehearingState] = {
    (S.WAITING, E.HEARD): S.HEARD,
    (S.WAITING, E.LATER): S.WAITING,
    # until it was tried often enough: see step()
    (S.WAITING, E.FAILED): S.WAITING,
    (S.WAITING, E.LOST): S.UNHEARD,
}


@dataclass(frozen=True, slots=True)
class Rehearing:
    """``next_at``: not before; meaningless once it is heard or given up."""

    next_at: datetime
    state: RehearingState = S.WAITING
    tries: int = 0


def allowed(state: RehearingState) -> frozenset[RehearingEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)


def step(rehearing: Rehearing, event: RehearingEvent, now: datetime) -> Rehearing:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((rehearing.state, event))
    if after is None:
        raise Refused(RefusalCode.REHEARING_STATE, f"a call that is {rehearing.state} stays so")
    tries = rehearing.tries + (event is E.FAILED)
    if tries > len(AGAIN_AFTER):
        after = S.UNHEARD
    wait = LATER_AFTER
    if event is E.FAILED and after is S.WAITING:
        wait = AGAIN_AFTER[tries - 1]
    return Rehearing(now + wait, after, tries)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one side of a recording, in milliseconds from its start."""

    side: str
    start_ms: int
    end_ms: int

    @property
    def long_ms(self) -> int:
        return self.end_ms - self.start_ms

    def shared_ms(self, other: "Span") -> int:
        """How long both are at the same time on the same side."""
        if self.side != other.side:
            return 0
        return max(0, min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms))


def unheard(spoken: Sequence[Span], known: Sequence[Span]) -> list[Span]:
    """What was spoken and stands in no transcript: most of it is in no utterance."""
    return [
        span for span in spoken
        if sum(span.shared_ms(each) for each in known) * 2 < span.long_ms
    ]  # fmt: skip
