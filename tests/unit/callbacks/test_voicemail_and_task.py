"""Voice messages and tasks: walks through their tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.callbacks import task, voicemail
from app.domain.callbacks.task import TaskEvent, TaskState
from app.domain.callbacks.voicemail import VoicemailEvent, VoicemailState
from app.domain.refusal import Refused


@given(st.lists(st.sampled_from(list(VoicemailEvent)), max_size=20))
def test_voicemail_walk(events: list[VoicemailEvent]) -> None:
    state, claimed = VoicemailState.RECORDING, False
    for event in events:
        if event not in voicemail.allowed(state):
            with pytest.raises(Refused):
                voicemail.step(state, event)
            continue
        before, state = state, voicemail.step(state, event)
        claimed |= event is VoicemailEvent.CLAIM
        assert before is not VoicemailState.DONE, "what is settled is opened again"
        assert (before is VoicemailState.RECORDING) == (event is VoicemailEvent.COMPLETE), "settled before its words are known"
        assert state is not VoicemailState.CLAIMED or claimed


@given(st.lists(st.sampled_from(list(TaskEvent)), max_size=20))
def test_task_walk(events: list[TaskEvent]) -> None:
    state = TaskState.OPEN
    for event in events:
        if state is not TaskState.OPEN:
            assert not task.allowed(state)
            with pytest.raises(Refused, match="settled"):
                task.step(state, event)
            continue
        state = task.step(state, event)
        assert state == (TaskState.OPEN if event is TaskEvent.LATER else event.value)
