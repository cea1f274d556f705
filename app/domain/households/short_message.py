"""A short message on its way: queued, sent, or given up after the last attempt, as one table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused

#: Waits before the second and third attempt; there is no fourth.
RETRY_AFTER = (timedelta(seconds=30), timedelta(minutes=5))


class MessageState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class MessageEvent(StrEnum):
    """What the gateway did with an attempt."""

    TAKEN = "taken"
    NOT_TAKEN = "not_taken"


S, E = MessageState, MessageEvent
_TABLE: dict[tuple[MessageState, MessageEvent], MessageState] = {
    (S.QUEUED, E.TAKEN): S.SENT,
    (S.QUEUED, E.NOT_TAKEN): S.QUEUED,
}


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """``next_at``: when to try again; meaningless once it is sent or given up."""

    next_at: datetime
    state: MessageState = S.QUEUED
    attempts: int = 0


def allowed(state: MessageState) -> frozenset[MessageEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)


def step(message: ShortMessage, event: MessageEvent, now: datetime) -> ShortMessage:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((message.state, event))
    if after is None:
        raise Refused(
            RefusalCode.SMS_STATE, f"a message that is {message.state} is not tried again"
        )
    attempts = message.attempts + 1
    if event is E.NOT_TAKEN and attempts > len(RETRY_AFTER):
        after = S.FAILED
    wait = RETRY_AFTER[attempts - 1] if after is S.QUEUED else timedelta()
    return ShortMessage(now + wait, after, attempts)
