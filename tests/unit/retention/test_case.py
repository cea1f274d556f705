"""The case of a caller who wants to stop: a fair walk, and when persuasion ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.refusal import Refused
from app.domain.retention import case
from app.domain.retention.case import CasePhase, CaseState

CASE_EVENTS = st.one_of(
    st.builds(case.KindHeard, st.sampled_from(case.STOP_KINDS)),
    st.builds(case.ReasonGiven, st.sampled_from(case.REASONS)),
    st.builds(case.OfferShown, st.sampled_from("ABCD")), st.just(case.OfferAccepted()),
    st.just(case.OfferDeclined()), st.just(case.Proceeded()), st.just(case.StayedAnyway()),
    st.just(case.SecondStageOpened()), st.builds(case.SecondStageEnded, st.booleans()),
    st.just(case.Misheard()),
)


@given(st.lists(CASE_EVENTS, max_size=40))
def test_case_walk_is_fair(events: list[case.CaseEvent]) -> None:
    state = CaseState("cancel")
    for event in events:
        try:
            state = case.step(state, event)
        except Refused:
            continue
        offers = [trial.offer for trial in state.trials]
        assert len(set(offers)) == len(offers), "an offer was made twice"
        assert state.refusals <= case.REFUSALS_UNTIL_PROCEED
        if state.phase is CasePhase.OFFER_SHOWN:
            assert state.reason, "an offer before the reason was asked"
            assert state.refusals < case.REFUSALS_UNTIL_PROCEED, "persuaded after two refusals"
        if state.phase in (CasePhase.ASKED, CasePhase.REASON_KNOWN, CasePhase.OFFER_SHOWN,
                           CasePhase.REFUSED_TWICE):
            assert case.Proceeded in case.allowed(state.phase), "the caller is trapped"
        if state.phase is CasePhase.MISHEARD:
            assert not state.trials, "an offer was made for a wish that never was"


def test_second_refusal_ends_persuasion() -> None:
    state = CaseState("cancel")
    for event in (case.ReasonGiven("price"), case.OfferShown("A"), case.OfferDeclined(),
                  case.OfferShown("B"), case.OfferDeclined()):
        state = case.step(state, event)
    assert state.phase is CasePhase.REFUSED_TWICE
    with pytest.raises(Refused):
        case.step(state, case.OfferShown("C"))
    with pytest.raises(Refused, match="already"):
        case.step(case.step(CaseState("cancel", CasePhase.REASON_KNOWN, "price", (case.Trial("A", "declined"),)), case.ReasonGiven("slow")), case.OfferShown("A"))
