"""Between the call's machine and the line: its effects as orders, the bridge's facts as events."""

from collections.abc import Callable

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, CALLER, CallId
from app.link import messages as link
from app.service.calls.commands import LineEffect, RingLine
from app.service.calls.session_vocabulary import HoldCaller, Output, PlayPrompt, Rules, SendOrder

#: Caller and agent hear each other.
TALK = {CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}

_ORDERS: dict[type, Callable[[CallId], link.Order]] = {
    machine.Answer: lambda call: link.Answer(call=call),
    machine.StopPlaying: lambda call: link.StopPlaying(call=call),
    machine.DropAgent: lambda call: link.DropLeg(call=call, leg=AGENT),
    machine.Connect: lambda call: link.Connect(call=call, hears=TALK),
    machine.Resume: lambda call: link.Resume(call=call),
    machine.HangUp: lambda call: link.HangUp(call=call),
}


def to_line(call: CallId, caller: str, rules: Rules, effect: LineEffect) -> Output | None:
    """What an effect means for the bridge; None where it is none of the bridge's business."""
    order = _ORDERS.get(type(effect))
    if order is not None:
        return SendOrder(order(call))
    if isinstance(effect, machine.Play):
        return PlayPrompt(effect.name, effect.loop)
    if isinstance(effect, machine.Hold):
        return HoldCaller(machine.HOLD_MUSIC)
    if isinstance(effect, RingLine):
        return SendOrder(link.Dial(
            call=call, leg=AGENT, uri=effect.uri, name=caller, timeout_s=float(rules.ring_s)
        ))  # fmt: skip
    return None


def _hung_up(fact: link.LegHungUp) -> machine.Event:
    return machine.CallerHungUp() if fact.leg == CALLER else machine.AgentHungUp()


def _digit(fact: link.DigitPressed) -> machine.Event | None:
    return machine.DigitPressed(fact.digit) if fact.leg == CALLER else None


def _held(fact: link.LegHeld) -> machine.Event | None:
    """A hold on the agent's phone is a hold; a caller's own hold is the caller's business."""
    return None if fact.leg == CALLER else machine.HoldRequested()


def _resumed(fact: link.LegResumed) -> machine.Event | None:
    return None if fact.leg == CALLER else machine.ResumeRequested()


_EVENTS: dict[type, Callable[..., machine.Event | None]] = {
    link.LegAnswered: lambda _: machine.AgentAnswered(),
    link.LegFailed: lambda fact: machine.AgentFailed(fact.code),
    link.PromptPlayed: lambda fact: machine.PromptPlayed(fact.token),
    link.LegHungUp: _hung_up,
    link.DigitPressed: _digit,
    link.LegHeld: _held,
    link.LegResumed: _resumed,
}


def to_event(fact: link.Fact) -> machine.Event | None:
    """The machine's event for a fact of the bridge; None where the machine does not care."""
    make = _EVENTS.get(type(fact))
    return make(fact) if make is not None else None
