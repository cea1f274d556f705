"""An agent's presence: a walk through its table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.queue import presence
from app.domain.queue.presence import Presence
from app.domain.refusal import Refused


@given(st.lists(st.sampled_from(sorted({e for _, e in presence._TABLE})), max_size=30))
def test_presence_walk(events: list[str]) -> None:
    state = Presence.OFFLINE
    for event in events:
        if event in presence.moves(state):
            state = presence.move(state, event)
        else:
            with pytest.raises(Refused):
                presence.move(state, event)
