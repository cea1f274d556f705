"""Short messages: sent once, tried again ever later."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.households import short_message
from app.domain.households.short_message import MessageEvent, MessageState, ShortMessage
from app.domain.refusal import Refused

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@given(st.lists(st.sampled_from(list(MessageEvent)), max_size=12))
def test_short_message_walk(events: list[MessageEvent]) -> None:
    """Three attempts, each later than the one before; one that was taken is never sent again."""
    message, taken = ShortMessage(NOW), 0
    for event in events:
        if message.state is not MessageState.QUEUED:
            assert not short_message.allowed(message.state)
            with pytest.raises(Refused):
                short_message.step(message, event, NOW)
            continue
        before, message = message, short_message.step(message, event, NOW)
        taken += event is MessageEvent.TAKEN
        assert message.attempts == before.attempts + 1 <= 3
        assert (message.state is MessageState.QUEUED) == (message.next_at > NOW)
    assert taken <= 1 and (taken == 1) == (message.state is MessageState.SENT)
    assert (message.state is MessageState.FAILED) == (message.attempts == 3 and not taken)


def test_waits_between_attempts_grow() -> None:
    one = short_message.step(ShortMessage(NOW), MessageEvent.NOT_TAKEN, NOW)
    two = short_message.step(one, MessageEvent.NOT_TAKEN, NOW)
    assert NOW < one.next_at < two.next_at
    assert short_message.step(two, MessageEvent.NOT_TAKEN, NOW).state is MessageState.FAILED
