"""Versions of the knowledge base and jobs on it: nothing is published unchecked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.knowledge import job
from app.domain.knowledge import version as draft
from app.domain.knowledge.job import JobEvent, JobState
from app.domain.refusal import Refused

DRAFT_EVENTS = st.one_of(
    st.just(draft.Edited()), st.builds(draft.Checked, st.integers(0, 2)),
    st.builds(draft.Tested, st.booleans()), st.builds(draft.ShadowSwitched, st.booleans()),
    st.builds(draft.Published, st.sampled_from(["", "a reason"])), st.just(draft.Replaced()),
    st.just(draft.Discarded()),
)


@given(st.lists(DRAFT_EVENTS, max_size=30))
def test_nothing_is_published_unchecked_or_untested(events: list[draft.DraftEvent]) -> None:
    state = draft.DraftState()
    clean = tested = False
    for event in events:
        before = state
        try:
            state = draft.step(state, event)
        except Refused:
            assert before == state
            continue
        if isinstance(event, draft.Edited):
            clean = tested = False
        elif isinstance(event, draft.Checked):
            clean = event.fatal == 0
        elif isinstance(event, draft.Tested):
            tested = True
        elif isinstance(event, draft.Published):
            assert clean and tested and (event.reason or not before.risky)
        if state.shadow:
            assert clean and state.phase in draft.OPEN, "a draft that cannot be built ran in shadow"
        if state.phase in (draft.DraftPhase.RETIRED, draft.DraftPhase.DISCARDED):
            assert not draft.allowed(state.phase)


# -- the small machines ------------------------------------------------------------------------

@given(st.lists(st.sampled_from(list(JobEvent)), max_size=10))
def test_job_walk(events: list[JobEvent]) -> None:
    state = JobState.RUNNING
    for event in events:
        if state is JobState.RUNNING:
            state = job.step(state, event)
            assert state is not JobState.RUNNING and (state is JobState.DONE) == (event is JobEvent.FINISHED)
        else:
            assert not job.allowed(state), "what has ended ends again"
            with pytest.raises(Refused):
                job.step(state, event)
