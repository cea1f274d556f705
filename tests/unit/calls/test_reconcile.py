"""Where a call goes on after a restart or a lost link: every phase against every state of the line."""

import pytest

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER
from app.domain.calls.leg import LegState
from app.domain.calls.machine import CallState, Phase
from app.link import messages as link
from app.link.summary import CallSummary, EndReason, LegSummary, LinePhase
from app.service.calls import reconcile
from app.service.calls import session_vocabulary as v
from app.service.calls.effects import TALK
from tests.support.live_calls import CALL, RULES


def _line(agent: LegState | None = None, **more: object) -> CallSummary:
    legs = (LegSummary(id=AGENT, state=agent),) if agent else ()
    return CallSummary(call=CALL, phase=LinePhase.ANSWERED, legs=legs, **more)  # type: ignore[arg-type]


def _steps(phase: Phase, line: CallSummary, **state: object) -> tuple[list[object], list[object]]:
    found = reconcile.going_on(line, CallState(phase=phase, **state), RULES)  # type: ignore[arg-type]
    return list(found.inputs), list(found.outputs)


def test_a_new_call_is_admitted_and_a_call_back_goes_to_its_agent() -> None:
    assert _steps(Phase.OFFERED, _line()) == ([v.Admit()], [])
    assert _steps(Phase.OFFERED, _line(), wanted=2) == ([v.Happened(machine.Admitted(True, True))], [])


def test_who_waits_is_given_to_an_agent_again() -> None:
    assert _steps(Phase.QUEUED, _line()) == ([v.AgentMayBeFree()], [v.Arm("queue", RULES.queue_s)])


@pytest.mark.parametrize(("agent", "events"), [
    (None, [machine.AgentFailed(480)]), (LegState.GONE, [machine.AgentFailed(480)]), (LegState.INVITING, []), (LegState.RINGING, []),
    (LegState.TALKING, [machine.PromptPlayed("welcome"), machine.AgentAnswered()])])
def test_an_agents_phone_rang(agent: LegState | None, events: list[machine.Event]) -> None:
    inputs, _ = _steps(Phase.RINGING_AGENT, _line(agent))
    assert inputs == [v.Happened(event) for event in events]


def test_a_talk_is_connected_again_only_where_it_is_not() -> None:
    again = [v.SendOrder(link.Connect(call=CALL, hears=TALK))]
    assert _steps(Phase.TALKING, _line(LegState.TALKING)) == ([], again)
    assert _steps(Phase.TALKING, _line(LegState.TALKING, hears=TALK)) == ([], [])
    assert _steps(Phase.HELD, _line(LegState.TALKING, on_hold=(CALLER,))) == ([], [])
    assert _steps(Phase.TALKING, _line()) == ([v.Happened(machine.AgentHungUp())], [])


def test_the_robot_goes_on_and_a_greeting_is_cut_short() -> None:
    assert _steps(Phase.ROBOT, _line()) == ([v.BeginRobot()], [])
    limit = v.Arm("voicemail", machine.VOICEMAIL_LIMIT_S)
    assert _steps(Phase.VOICEMAIL_GREETING, _line()) == ([], [limit, v.PlayPrompt("beep")])
    assert _steps(Phase.VOICEMAIL, _line()) == ([], [limit])
    assert _steps(Phase.VOICEMAIL_DONE, _line()) == ([], [limit, v.PlayPrompt("thanks")])


@pytest.mark.parametrize("phase", list(Phase))
def test_a_call_that_the_bridge_has_taken_is_left_alone(phase: Phase) -> None:
    assert _steps(phase, _line(emergency=True)) == ([], [])


def test_what_is_heard_again() -> None:
    def heard(phase: Phase, line: CallSummary, frames: int = 50) -> list[v.Hear]:
        return reconcile.hearing(line, v.Standing(state=CallState(phase=phase), heard_caller=frames, heard_agent=40))

    both = [v.Hear(CALLER, 50), v.Hear(AGENT, 40)]
    assert heard(Phase.TALKING, _line()) == heard(Phase.WRAP_UP, _line()) == both
    assert heard(Phase.WRAP_UP, _line(), 0) == heard(Phase.QUEUED, _line()) == []
    assert heard(Phase.VOICEMAIL, _line()) == [v.Hear(CALLER, 50)]
    assert heard(Phase.OFFERED, _line(emergency=True)) == [v.Hear(CALLER, 0)]
    assert heard(Phase.QUEUED, _line(voicemail_from=70)) == [v.Hear(CALLER, 70)]
    assert reconcile.hearing(_line(), None) == []


def test_how_it_ended() -> None:
    assert reconcile.at_the_end(_line()) == [machine.CallerHungUp()]
    assert reconcile.at_the_end(_line(end_reason=EndReason.BRIDGE_LOST)) == [machine.BridgeLost()]
    assert reconcile.at_the_end(_line(voicemail_from=3)) == [machine.BridgeTookMessage(), machine.CallerHungUp()]
