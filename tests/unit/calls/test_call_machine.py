"""The machine of a call: random walks never break an invariant, whole stories end where they should."""

import typing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calls import machine as call
from app.domain.calls.ids import CALLER
from app.domain.calls.machine import CallState, Phase
from app.domain.calls.parties import Role, Standing
from app.domain.refusal import Refused
from app.service.calls.stored_state import load_call
from app.service.state_codec import dump

CALL_EVENTS = st.one_of(
    st.builds(call.Admitted, st.booleans(), st.booleans()),
    st.builds(call.AgentChosen, st.integers(1, 4)), st.just(call.NobodyLeft()),
    st.just(call.AgentAnswered()), st.builds(call.AgentFailed, st.sampled_from([408, 486, 503])),
    st.builds(call.PromptPlayed, st.sampled_from(["welcome", "beep", "thanks", "busy_greeting",
                                                  "closed_greeting", "ringback"])),
    st.builds(call.TimerFired, st.sampled_from(["queue", "voicemail"])),
    st.builds(call.DigitPressed, st.sampled_from("1#")), st.just(call.SilenceHeard()),
    st.just(call.HoldRequested()), st.just(call.ResumeRequested()),
    st.just(call.HangUpRequested()), st.just(call.CallerHungUp()), st.just(call.AgentHungUp()),
    st.just(call.BridgeLost()), st.just(call.BridgeTookMessage()), st.just(call.RobotTook()),
    st.builds(call.RobotHandedOver, st.booleans(), st.booleans(), st.booleans()), st.just(call.RobotFinished()), st.builds(call.WrapUpDone, st.just("kept")),
)


def test_every_event_is_walked() -> None:
    """Each kind of event that the machine knows comes up in the walks below."""
    walked: set[type] = set()

    @settings(max_examples=2000, database=None, derandomize=True)
    @given(CALL_EVENTS)
    def note(event: call.Event) -> None:
        walked.add(type(event))

    note()
    assert walked == set(typing.get_args(call.Event)) == {kind for phase in Phase for kind in call.allowed(phase)}


@given(st.lists(CALL_EVENTS, max_size=40))
def test_call_walk(events: list[call.Event]) -> None:
    state = CallState()
    rung: list[int] = []
    freed: list[int] = []
    for event in events:
        try:
            state, effects = call.step(state, event)
        except Refused:
            assert type(event) not in call.allowed(state.phase)
            continue
        rung += [e.agent_id for e in effects if isinstance(e, call.RingAgent)]
        freed += [e.agent_id for e in effects if isinstance(e, call.FreeAgent)]
        if state.phase in call.WITH_AGENT | {Phase.RINGING_AGENT, Phase.WRAP_UP}:
            assert state.agent_id is not None
        if state.phase is Phase.TALKING:
            assert state.notice_played, "connected before the recording notice was heard"
        _check_parties(state)
        if state.phase is Phase.ENDED:
            assert sorted(rung) == sorted(freed), "an agent stays bound to a call that ended"
            assert not call.allowed(Phase.ENDED)


def _check_parties(state: CallState) -> None:
    """One leg is one party's at a time; an agent stands as the phase says."""
    present = [party.id for party in state.parties if not party.is_past]
    assert len(present) == len(set(present)) and present[0] == CALLER
    agent = state.agent
    standings = {
        Phase.RINGING_AGENT: {Standing.RINGING, Standing.ANSWERED}, Phase.TALKING: {Standing.TALKING},
        Phase.HELD: {Standing.TALKING}, Phase.WRAP_UP: {Standing.WRAPPING_UP}, Phase.ENDED: {Standing.DONE},
    }.get(state.phase, set())
    assert agent is None or agent.standing in standings, (state.phase, agent)
    gone = state.parties[0].standing is Standing.GONE
    assert gone == (state.phase in (Phase.WRAP_UP, Phase.ENDED)) and state.parties[0].role is Role.CALLER
    assert load_call(dump(state)) == state


@given(st.lists(CALL_EVENTS, max_size=40))
def test_a_caller_can_always_hang_up(events: list[call.Event]) -> None:
    state = CallState()
    for event in events:
        try:
            state, _ = call.step(state, event)
        except Refused:
            continue
    if state.phase in call.LIVE:
        after, _ = call.step(state, call.CallerHungUp())
        assert after.phase in (Phase.WRAP_UP, Phase.ENDED)


def _play(*events: call.Event) -> tuple[CallState, tuple[call.Effect, ...]]:
    state = CallState()
    effects: tuple[call.Effect, ...] = ()
    for event in events:
        state, step = call.step(state, event)
        effects += step
    return state, effects


def test_an_agent_is_connected_only_after_the_notice() -> None:
    state, effects = _play(call.Admitted(True, True), call.AgentChosen(7), call.AgentAnswered())
    assert state.phase is Phase.RINGING_AGENT and call.Connect() not in effects
    state, effects = call.step(state, call.PromptPlayed("welcome"))
    assert state.phase is Phase.TALKING and call.Connect() in effects


def test_no_answer_goes_on_to_the_next_agent_and_then_to_voicemail() -> None:
    state, effects = _play(call.Admitted(True, True), call.AgentChosen(7), call.AgentFailed(408))
    assert state.phase is Phase.QUEUED and call.FindAgent((7,)) in effects
    assert call.FreeAgent(7, "missed") in effects
    state, effects = call.step(state, call.NobodyLeft())
    assert state.phase is Phase.VOICEMAIL_GREETING


def test_out_of_hours_a_message_is_taken() -> None:
    state, effects = _play(call.Admitted(False, True), call.PromptPlayed("closed_greeting"),
                           call.PromptPlayed("beep"), call.DigitPressed("#"),
                           call.PromptPlayed("thanks"))
    assert (state.phase, state.outcome) == (Phase.ENDED, "voicemail")
    assert [type(e) for e in effects if isinstance(e, call.TakeMessage | call.FileMessage)] == [
        call.TakeMessage, call.FileMessage]


def test_hold_is_refused_before_anybody_talks() -> None:
    with pytest.raises(Refused, match="HoldRequested"):
        call.step(CallState(), call.HoldRequested())
