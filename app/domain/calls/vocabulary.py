"""What a call is made of: phases, state, the events that may happen and the effects that follow."""

from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.calls import parties as who
from app.domain.calls.ids import AGENT, CALLER, LegId
from app.domain.calls.parties import Direction, Parties, Party, Standing


class Phase(StrEnum):
    OFFERED = "offered"
    QUEUED = "queued"
    RINGING_AGENT = "ringing_agent"
    TALKING = "talking"
    HELD = "held"
    ROBOT = "robot"
    VOICEMAIL_GREETING = "voicemail_greeting"
    VOICEMAIL = "voicemail"
    VOICEMAIL_DONE = "voicemail_done"
    WRAP_UP = "wrap_up"
    ENDED = "ended"


LIVE = frozenset(Phase) - {Phase.WRAP_UP, Phase.ENDED}
WITH_AGENT = frozenset({Phase.TALKING, Phase.HELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class CallState:
    """``overdue``: the queue time is over; ``wanted``: the agent who rings somebody back."""

    phase: Phase = Phase.OFFERED
    direction: Direction = Direction.INBOUND
    parties: Parties = field(default=who.opening(Direction.INBOUND))
    notice_played: bool = False
    overdue: bool = False
    urgent: bool = False
    wanted: int | None = None
    outcome: str = ""

    @property
    def agent(self) -> Party | None:
        return who.agent_of(self.parties)

    @property
    def agent_id(self) -> int | None:
        """The user whose call it is."""
        return self.agent.user_id if self.agent is not None else None

    @property
    def agent_waits(self) -> bool:
        """Whether the agent has answered and the caller has not heard the notice yet."""
        return self.agent is not None and self.agent.standing is Standing.ANSWERED

    @property
    def tried(self) -> tuple[int, ...]:
        """Agents whose phone was rung in vain."""
        return who.tried(self.parties)


def opened(direction: Direction, wanted: int | None = None) -> CallState:
    """A call that begins."""
    return CallState(direction=direction, parties=who.opening(direction), wanted=wanted)


# -- events ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Admitted:
    """The hotline looked at the clock and the floor: open, and is anybody logged in to answer?"""

    open: bool
    staffed: bool


@dataclass(frozen=True, slots=True)
class AgentChosen:
    agent_id: int


@dataclass(frozen=True, slots=True)
class NobodyLeft:
    """No agent is logged in any more, or each one was tried."""


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    pass


@dataclass(frozen=True, slots=True)
class AgentFailed:
    """The agent's phone was busy, silent or broken; ``code`` is the SIP status (RFC 3261)."""

    code: int


@dataclass(frozen=True, slots=True)
class PromptPlayed:
    name: str


@dataclass(frozen=True, slots=True)
class TimerFired:
    name: str


@dataclass(frozen=True, slots=True)
class DigitPressed:
    digit: str


@dataclass(frozen=True, slots=True)
class SilenceHeard:
    """The caller has said nothing for a while in a voice message."""


@dataclass(frozen=True, slots=True)
class HoldRequested:
    pass


@dataclass(frozen=True, slots=True)
class ResumeRequested:
    pass


@dataclass(frozen=True, slots=True)
class HangUpRequested:
    pass


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    pass


@dataclass(frozen=True, slots=True)
class AgentHungUp:
    pass


@dataclass(frozen=True, slots=True)
class BridgeLost:
    """The voice process died with the call."""


@dataclass(frozen=True, slots=True)
class BridgeTookMessage:
    """The voice process took a message by itself while no brain answered."""


@dataclass(frozen=True, slots=True)
class RobotTook:
    pass


@dataclass(frozen=True, slots=True)
class RobotHandedOver:
    """The robot's caller wants a person (``staffed``) or leaves a message; ``urgent`` also rings
    the one on duty; ``speechless``: nothing can be spoken, only prompts that are made already."""

    staffed: bool
    urgent: bool = False
    speechless: bool = False


@dataclass(frozen=True, slots=True)
class RobotFinished:
    """The robot and the caller have said good-bye."""


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    disposition: str


Event = (
    Admitted | AgentChosen | NobodyLeft | AgentAnswered | AgentFailed | PromptPlayed | TimerFired
    | DigitPressed | SilenceHeard | HoldRequested | ResumeRequested | HangUpRequested
    | CallerHungUp | AgentHungUp | BridgeLost | BridgeTookMessage | RobotTook | RobotHandedOver
    | RobotFinished | WrapUpDone
)  # fmt: skip

# -- effects ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    pass


@dataclass(frozen=True, slots=True)
class Play:
    name: str
    loop: bool = False
    leg: LegId = CALLER


@dataclass(frozen=True, slots=True)
class BeginDialog:
    """The robot talks from now on."""


@dataclass(frozen=True, slots=True)
class EndDialog:
    """The robot is silent from now on: a person, a message or the end comes next."""


@dataclass(frozen=True, slots=True)
class StopPlaying:
    leg: LegId = CALLER


@dataclass(frozen=True, slots=True)
class FindAgent:
    exclude: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RingAgent:
    agent_id: int
    leg: LegId = AGENT


@dataclass(frozen=True, slots=True)
class DropAgent:
    leg: LegId = AGENT


@dataclass(frozen=True, slots=True)
class Connect:
    """These hear each other."""

    legs: tuple[LegId, ...] = (CALLER, AGENT)


@dataclass(frozen=True, slots=True)
class Hold:
    leg: LegId = CALLER


@dataclass(frozen=True, slots=True)
class Resume:
    leg: LegId = CALLER


@dataclass(frozen=True, slots=True)
class HangUp:
    pass


@dataclass(frozen=True, slots=True)
class StartTimer:
    """``seconds`` None: as long as the settings say for that name."""

    name: str
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """The voice message begins now."""


@dataclass(frozen=True, slots=True)
class FileMessage:
    """The voice message is complete: transcribe, store, list it."""


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """The agent is free of this call: ``missed``, ``released`` or ``wrapped_up``."""

    agent_id: int
    how: str


@dataclass(frozen=True, slots=True)
class AgentTalks:
    agent_id: int


@dataclass(frozen=True, slots=True)
class AgentWrapsUp:
    agent_id: int


Effect = (
    Answer | BeginDialog | EndDialog | Play | StopPlaying | FindAgent | RingAgent | DropAgent
    | Connect | Hold | Resume | HangUp | StartTimer | TakeMessage | FileMessage | FreeAgent
    | AgentTalks | AgentWrapsUp
)  # fmt: skip
Step = tuple[CallState, tuple[Effect, ...]]
