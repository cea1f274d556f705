"""Where a call goes on after a restart or a lost link: pure decisions from what both sides say.

``summary`` is how the line stands, ``state`` how the stored machine stands; facts may have been
lost in between, and the line is right.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER
from app.domain.calls.leg import LegState
from app.domain.calls.machine import CallState, Phase
from app.link import messages as link
from app.link.summary import CallSummary, EndReason, LinePhase
from app.service.calls.effects import TALK
from app.service.calls.session_vocabulary import (
    Admit,
    AgentMayBeFree,
    Arm,
    BeginRobot,
    Happened,
    Hear,
    Input,
    Output,
    PlayPrompt,
    Rules,
    SendOrder,
    Standing,
)

_IN_TALK = frozenset({LegState.TALKING, LegState.HELD})
#: Greeting and thanks are cut short: the beep, or the end, comes next.
_NEXT_PROMPT = {Phase.VOICEMAIL_GREETING: machine.BEEP, Phase.VOICEMAIL_DONE: machine.THANKS}


def hearing(summary: CallSummary, standing: Standing | None) -> list[Hear]:
    """From where each side is heard again: where the stored words end."""
    if summary.voicemail_from is not None:
        return [Hear(CALLER, summary.voicemail_from)]
    if summary.emergency:
        return [Hear(CALLER, 0)]
    if standing is None:
        return []
    phase = standing.state.phase
    if phase in machine.WITH_AGENT or (phase is Phase.WRAP_UP and standing.heard_caller):
        return [Hear(CALLER, standing.heard_caller), Hear(AGENT, standing.heard_agent)]
    if phase is Phase.VOICEMAIL:
        return [Hear(CALLER, standing.heard_caller)]
    return []


class Steps(NamedTuple):
    """What brings a session up to date: its next inputs, and outputs."""

    inputs: Sequence[Input] = ()
    outputs: Sequence[Output] = ()


def going_on(summary: CallSummary, state: CallState, rules: Rules) -> Steps:
    """What a call that has not ended needs, so that the machine is where the line is."""
    if summary.emergency:
        return Steps()
    if state.phase is Phase.OFFERED:
        wanted = state.wanted is not None
        return Steps([Happened(machine.Admitted(True, True)) if wanted else Admit()])
    if state.phase is Phase.ROBOT:
        return Steps([BeginRobot()])
    if state.phase in (Phase.QUEUED, Phase.RINGING_AGENT):
        return Steps(_waiting(summary, state), [Arm("queue", rules.queue_s)])
    if state.phase in machine.WITH_AGENT:
        return _talking(summary, state)
    prompt = _NEXT_PROMPT.get(state.phase)
    timer = Arm("voicemail", machine.VOICEMAIL_LIMIT_S)
    return Steps((), [timer, PlayPrompt(prompt)] if prompt is not None else [timer])


def _waiting(summary: CallSummary, state: CallState) -> list[Input]:
    leg = summary.leg(AGENT)
    if state.phase is Phase.QUEUED:
        return [AgentMayBeFree()]
    if leg is None or leg.state is LegState.GONE:
        return [Happened(machine.AgentFailed(480))]
    if leg.state in _IN_TALK:
        return [Happened(machine.PromptPlayed(machine.WELCOME)), Happened(machine.AgentAnswered())]
    return []


def _talking(summary: CallSummary, state: CallState) -> Steps:
    leg = summary.leg(AGENT)
    if leg is None or leg.state is LegState.GONE:
        return Steps([Happened(machine.AgentHungUp())])
    if state.phase is Phase.TALKING and not summary.connected:
        return Steps((), [SendOrder(link.Connect(call=summary.call, hears=TALK))])
    return Steps()


def at_the_end(summary: CallSummary) -> list[machine.Event]:
    """What the machine must hear of a call that is over on the bridge."""
    took = [machine.BridgeTookMessage()] if summary.voicemail_from is not None else []
    lost = summary.end_reason is EndReason.BRIDGE_LOST
    return [*took, machine.BridgeLost() if lost else machine.CallerHungUp()]


def has_ended(summary: CallSummary) -> bool:
    """Whether the line is down for good."""
    return summary.phase is LinePhase.ENDED
