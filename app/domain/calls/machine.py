"""The life of a call: one table of what may happen in which phase, and what follows from it.

``step(state, event)`` answers with the new state and the effects to carry out. An event that the
table does not list for the phase is refused; nothing else may change a call. The words of the
table are in vocabulary.
"""

from collections.abc import Callable
from dataclasses import replace

from app.domain.calls import parties as who
from app.domain.calls.ids import AGENT, CALLER
from app.domain.calls.parties import Direction, Standing
from app.domain.calls.vocabulary import (
    LIVE,
    WITH_AGENT,
    Admitted,
    AgentAnswered,
    AgentChosen,
    AgentFailed,
    AgentHungUp,
    AgentTalks,
    AgentWrapsUp,
    Answer,
    BeginDialog,
    BridgeLost,
    BridgeTookMessage,
    CallerHungUp,
    CallState,
    Connect,
    DigitPressed,
    DropAgent,
    Effect,
    EndDialog,
    Event,
    FileMessage,
    FindAgent,
    FreeAgent,
    HangUp,
    HangUpRequested,
    Hold,
    HoldRequested,
    NobodyLeft,
    Phase,
    Play,
    PromptPlayed,
    Resume,
    ResumeRequested,
    RingAgent,
    RobotFinished,
    RobotHandedOver,
    RobotTook,
    SilenceHeard,
    StartTimer,
    Step,
    StopPlaying,
    TakeMessage,
    TimerFired,
    WrapUpDone,
    opened,
)
from app.domain.refusal import RefusalCode, Refused

VOICEMAIL_LIMIT_S = 120
WELCOME, QUEUE_MUSIC, RINGBACK, HOLD_MUSIC = "welcome", "queue_music", "ringback", "hold_music"
CLOSED_GREETING, BUSY_GREETING, BEEP, THANKS = "closed_greeting", "busy_greeting", "beep", "thanks"

__all__ = [
    "BEEP", "BUSY_GREETING", "CLOSED_GREETING", "HOLD_MUSIC", "LIVE", "QUEUE_MUSIC", "RINGBACK",
    "THANKS", "VOICEMAIL_LIMIT_S", "WELCOME", "WITH_AGENT", "Admitted", "AgentAnswered",
    "AgentChosen", "AgentFailed", "AgentHungUp", "AgentTalks", "AgentWrapsUp", "Answer",
    "BeginDialog", "BridgeLost", "BridgeTookMessage", "CallState", "CallerHungUp", "Connect",
    "DigitPressed", "Direction", "DropAgent", "Effect", "EndDialog", "Event", "FileMessage",
    "FindAgent", "FreeAgent", "HangUp", "HangUpRequested", "Hold", "HoldRequested",
    "NobodyLeft", "Phase", "Play", "PromptPlayed", "Resume", "ResumeRequested", "RingAgent",
    "RobotFinished", "RobotHandedOver", "RobotTook", "SilenceHeard", "StartTimer", "Step",
    "StopPlaying", "TakeMessage", "TimerFired", "WrapUpDone", "allowed", "opened", "step",
]  # fmt: skip

# -- transitions -----------------------------------------------------------------------------


def _admit(state: CallState, event: Admitted) -> Step:
    if event.open and event.staffed:
        queued = replace(state, phase=Phase.QUEUED)
        return queued, (Answer(), Play(WELCOME), StartTimer("queue"), FindAgent(()))
    greeting = BUSY_GREETING if event.open else CLOSED_GREETING
    return replace(state, phase=Phase.VOICEMAIL_GREETING), (Answer(), Play(greeting))


def _agent(state: CallState, standing: Standing) -> CallState:
    """The same call with its agent standing otherwise."""
    return replace(state, parties=who.moved(state.parties, AGENT, standing))


def _ring(state: CallState, event: AgentChosen) -> Step:
    parties = who.with_agent(state.parties, event.agent_id)
    ringing = replace(state, phase=Phase.RINGING_AGENT, parties=parties)
    return ringing, (RingAgent(event.agent_id),)


def _to_voicemail(state: CallState, _: Event) -> Step:
    """Nobody can answer: greeting, beep, message."""
    greeting = replace(state, phase=Phase.VOICEMAIL_GREETING)
    return greeting, (StopPlaying(), Play(BUSY_GREETING))


def _queue_prompt(state: CallState, event: PromptPlayed) -> Step:
    if event.name != WELCOME:
        return state, ()
    return replace(state, notice_played=True), (Play(QUEUE_MUSIC, loop=True),)


def _ringing_prompt(state: CallState, event: PromptPlayed) -> Step:
    """The agent is connected only when the caller has heard that the call is recorded."""
    if event.name != WELCOME:
        return state, ()
    heard = replace(state, notice_played=True)
    return _talk(heard) if state.agent_waits else (heard, (Play(RINGBACK, loop=True),))


def _agent_answered(state: CallState, _: AgentAnswered) -> Step:
    answered = _agent(state, Standing.ANSWERED)
    return _talk(answered) if state.notice_played else (answered, ())


def _talk(state: CallState) -> Step:
    assert state.agent_id is not None  # noqa: S101  only reached while ringing an agent
    talking = replace(_agent(state, Standing.TALKING), phase=Phase.TALKING)
    return talking, (Connect(), AgentTalks(state.agent_id))


def _agent_failed(state: CallState, _: Event) -> Step:
    """Redirect on no answer: this agent is not tried again for this call."""
    assert state.agent_id is not None  # noqa: S101
    free = FreeAgent(state.agent_id, "missed")
    waiting = _agent(state, Standing.MISSED)
    if state.overdue:
        after, effects = _to_voicemail(waiting, NobodyLeft())
        return after, (DropAgent(), free, *effects)
    return replace(waiting, phase=Phase.QUEUED), (DropAgent(), free, FindAgent(waiting.tried))


def _queue_timer(state: CallState, event: TimerFired) -> Step:
    return _to_voicemail(state, event) if event.name == "queue" else (state, ())


def _ringing_timer(state: CallState, event: TimerFired) -> Step:
    return (replace(state, overdue=True), ()) if event.name == "queue" else (state, ())


def _abandon(state: CallState, _: Event) -> Step:
    free = (DropAgent(), FreeAgent(state.agent_id, "released")) if state.agent_id else ()
    released = _agent(state, Standing.RELEASED)
    return replace(released, phase=Phase.ENDED, outcome="abandoned"), free


def _hold(state: CallState, _: HoldRequested) -> Step:
    return replace(state, phase=Phase.HELD), (Hold(),)


def _resume(state: CallState, _: ResumeRequested) -> Step:
    return replace(state, phase=Phase.TALKING), (Resume(),)


def _wrap_up(state: CallState, event: Event) -> Step:
    assert state.agent_id is not None  # noqa: S101
    outcome = {CallerHungUp: "caller_hung_up", BridgeLost: "bridge_lost"}.get(
        type(event), "agent_hung_up"
    )
    hang_up: tuple[Effect, ...] = (HangUp(),) if outcome == "agent_hung_up" else ()
    after = replace(_agent(state, Standing.WRAPPING_UP), phase=Phase.WRAP_UP, outcome=outcome)
    return after, (*hang_up, AgentWrapsUp(state.agent_id))


def _done(state: CallState, _: WrapUpDone) -> Step:
    assert state.agent_id is not None  # noqa: S101
    ended = replace(_agent(state, Standing.DONE), phase=Phase.ENDED)
    return ended, (FreeAgent(state.agent_id, "wrapped_up"),)


def _greeting_prompt(state: CallState, event: PromptPlayed) -> Step:
    if event.name in (BUSY_GREETING, CLOSED_GREETING):
        return state, (Play(BEEP),)
    if event.name == BEEP:
        timer = StartTimer("voicemail", VOICEMAIL_LIMIT_S)
        return replace(state, phase=Phase.VOICEMAIL), (TakeMessage(), timer)
    return state, ()


def _message_over(state: CallState, event: Event) -> Step:
    """Silence, the hash key or the longest time end a message."""
    if isinstance(event, DigitPressed) and event.digit != "#":
        return state, ()
    if isinstance(event, TimerFired) and event.name != "voicemail":
        return state, ()
    done = replace(state, phase=Phase.VOICEMAIL_DONE, outcome="voicemail")
    return done, (FileMessage(), Play(THANKS))


def _message_cut(state: CallState, _: Event) -> Step:
    return replace(state, phase=Phase.ENDED, outcome="voicemail"), (FileMessage(),)


def _thanked(state: CallState, event: PromptPlayed) -> Step:
    if event.name != THANKS:
        return state, ()
    return replace(state, phase=Phase.ENDED), (HangUp(),)


def _over(state: CallState, _: Event) -> Step:
    return replace(state, phase=Phase.ENDED), ()


def _bridge_message(state: CallState, _: BridgeTookMessage) -> Step:
    free = (FreeAgent(state.agent_id, "released"),) if state.agent_id else ()
    return replace(_agent(state, Standing.RELEASED), phase=Phase.VOICEMAIL), free


def _robot(state: CallState, _: RobotTook) -> Step:
    return replace(state, phase=Phase.ROBOT, notice_played=True), (Answer(), BeginDialog())


def _robot_done(state: CallState, event: RobotHandedOver) -> Step:
    """What the robot said last is still being played: music or the beep comes after it."""
    if event.speechless:
        after, effects = _to_voicemail(state, event)
        return after, (EndDialog(), *effects)
    if not event.staffed:
        return replace(state, phase=Phase.VOICEMAIL_GREETING), (EndDialog(), Play(BEEP))
    queued = replace(state, phase=Phase.QUEUED, urgent=event.urgent)
    music = Play(QUEUE_MUSIC, loop=True)
    return queued, (EndDialog(), music, StartTimer("queue"), FindAgent(()))


def _robot_finished(state: CallState, _: Event) -> Step:
    after = replace(state, phase=Phase.ENDED, outcome="robot")
    return after, (EndDialog(), HangUp())


def _robot_cut(state: CallState, _: Event) -> Step:
    return replace(state, phase=Phase.ENDED, outcome="robot"), (EndDialog(),)


def _stay(state: CallState, _: Event) -> Step:
    return state, ()


P = Phase
_TABLE: dict[tuple[Phase, type], Callable[..., Step]] = {
    # offered: the hotline is open or closed; the robot's place is beside the queue
    (P.OFFERED, Admitted): _admit,
    (P.OFFERED, RobotTook): _robot,
    (P.OFFERED, CallerHungUp): _abandon,
    (P.OFFERED, BridgeTookMessage): _bridge_message,
    # queued: music until an agent is free, a message when it takes too long
    (P.QUEUED, AgentChosen): _ring,
    (P.QUEUED, NobodyLeft): _to_voicemail,
    (P.QUEUED, PromptPlayed): _queue_prompt,
    (P.QUEUED, TimerFired): _queue_timer,
    (P.QUEUED, CallerHungUp): _abandon,
    (P.QUEUED, DigitPressed): _stay,
    (P.QUEUED, BridgeTookMessage): _bridge_message,
    # ringing an agent: redirect on no answer
    (P.RINGING_AGENT, AgentAnswered): _agent_answered,
    (P.RINGING_AGENT, AgentFailed): _agent_failed,
    (P.RINGING_AGENT, AgentHungUp): _agent_failed,
    (P.RINGING_AGENT, PromptPlayed): _ringing_prompt,
    (P.RINGING_AGENT, TimerFired): _ringing_timer,
    (P.RINGING_AGENT, CallerHungUp): _abandon,
    (P.RINGING_AGENT, DigitPressed): _stay,
    (P.RINGING_AGENT, BridgeTookMessage): _bridge_message,
    # talking and held
    (P.TALKING, HoldRequested): _hold,
    (P.TALKING, HangUpRequested): _wrap_up,
    (P.TALKING, CallerHungUp): _wrap_up,
    (P.TALKING, AgentHungUp): _wrap_up,
    (P.TALKING, PromptPlayed): _stay,
    (P.TALKING, TimerFired): _stay,
    (P.TALKING, DigitPressed): _stay,
    (P.HELD, ResumeRequested): _resume,
    (P.HELD, HangUpRequested): _wrap_up,
    (P.HELD, CallerHungUp): _wrap_up,
    (P.HELD, AgentHungUp): _wrap_up,
    (P.HELD, PromptPlayed): _stay,
    (P.HELD, TimerFired): _stay,
    (P.HELD, DigitPressed): _stay,
    # robot: its dialogs are a machine of their own
    (P.ROBOT, RobotHandedOver): _robot_done,
    (P.ROBOT, RobotFinished): _robot_finished,
    (P.ROBOT, CallerHungUp): _robot_cut,
    (P.ROBOT, PromptPlayed): _stay,
    (P.ROBOT, DigitPressed): _stay,
    (P.ROBOT, BridgeTookMessage): _bridge_message,
    # voicemail: greeting, beep, message, thanks
    (P.VOICEMAIL_GREETING, PromptPlayed): _greeting_prompt,
    (P.VOICEMAIL_GREETING, TimerFired): _stay,
    (P.VOICEMAIL_GREETING, DigitPressed): _stay,
    (P.VOICEMAIL_GREETING, CallerHungUp): _abandon,
    (P.VOICEMAIL_GREETING, BridgeTookMessage): _bridge_message,
    (P.VOICEMAIL, SilenceHeard): _message_over,
    (P.VOICEMAIL, DigitPressed): _message_over,
    (P.VOICEMAIL, TimerFired): _message_over,
    (P.VOICEMAIL, PromptPlayed): _stay,
    (P.VOICEMAIL, CallerHungUp): _message_cut,
    (P.VOICEMAIL, BridgeTookMessage): _stay,
    (P.VOICEMAIL_DONE, PromptPlayed): _thanked,
    (P.VOICEMAIL_DONE, TimerFired): _stay,
    (P.VOICEMAIL_DONE, DigitPressed): _stay,
    (P.VOICEMAIL_DONE, SilenceHeard): _stay,
    (P.VOICEMAIL_DONE, CallerHungUp): _over,
    # after the call
    (P.WRAP_UP, WrapUpDone): _done,
    # the voice process died: what the agent began is finished on the screen
    **{(p, BridgeLost): _wrap_up for p in (P.TALKING, P.HELD)},
    **{(p, BridgeLost): _abandon for p in (P.OFFERED, P.QUEUED, P.RINGING_AGENT, P.ROBOT,
                                           P.VOICEMAIL_GREETING)},
    (P.VOICEMAIL, BridgeLost): _message_cut,
    (P.VOICEMAIL_DONE, BridgeLost): _over,
}  # fmt: skip


def allowed(phase: Phase) -> frozenset[type]:
    """The kinds of events that the table lists for a phase."""
    return frozenset(kind for at, kind in _TABLE if at is phase)


def step(state: CallState, event: Event) -> Step:
    """Take one event. Raises Refused where the table does not list it for the phase."""
    move = _TABLE.get((state.phase, type(event)))
    if move is None:
        name = type(event).__name__
        raise Refused(
            RefusalCode.CALL_PHASE, f"{name} is not possible while the call is {state.phase}"
        )
    after, effects = move(state, event)
    return _with_caller(after), effects


#: How the one at the other end stands; in every other phase they hear or say something.
_CALLER_AT = {
    P.OFFERED: Standing.RINGING, P.HELD: Standing.HELD, P.WRAP_UP: Standing.GONE,
    P.ENDED: Standing.GONE,
}  # fmt: skip


def _with_caller(state: CallState) -> CallState:
    standing = _CALLER_AT.get(state.phase, Standing.TALKING)
    return replace(state, parties=who.moved(state.parties, CALLER, standing))
