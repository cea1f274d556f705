"""What a live call's session is told, and what it asks for; ``session`` says what follows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.calls import machine
from app.domain.calls.ids import LegId
from app.domain.calls.machine import CallState
from app.domain.households.customer_row import CustomerRow
from app.domain.ids import UtteranceId
from app.domain.people.actor import SYSTEM, Actor
from app.domain.retention.case import CasePhase
from app.domain.robot.speaker_vocabulary import CallerSaid
from app.language.understanding.understood import Situation, Understanding
from app.link import messages as link
from app.link.summary import CallSummary
from app.service.calls.hearing import Final
from app.service.command import Command
from app.service.notices import Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the hotline answers. Seconds a caller waits in the queue, and an agent's phone rings;
    with ``overload`` callers waiting the robot answers, if there is one (0: never)."""

    queue_s: int
    ring_s: int
    overload: int = 0
    robot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is stored of a call that is found again: its agent (0: none), the frames from which on
    each side is to be heard, and how far its retention case is (None: there is none)."""

    agent_id: int = 0
    heard_caller: int = 0
    heard_agent: int = 0
    state: CallState = field(default_factory=CallState)
    case: CasePhase | None = None

    @property
    def next_frame(self) -> int:
        """The first frame that must be sent again."""
        return min(self.heard_caller, self.heard_agent)


# -- inputs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A bridge has this call: a new one, or one that goes on after a restart or a lost link."""

    summary: CallSummary
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A fact of the bridge about this call."""

    fact: link.Fact


@dataclass(frozen=True, slots=True)
class Lost:
    """The bridge does not know the call any more; ``frames`` of it were heard."""

    frames: int


@dataclass(frozen=True, slots=True)
class Happened:
    """Something for the call's machine."""

    event: machine.Event


@dataclass(frozen=True, slots=True)
class Asked:
    """A person's button. It is answered with ``Answered`` and the same ticket."""

    ticket: int
    event: machine.Event
    actor: Actor = SYSTEM


@dataclass(frozen=True, slots=True)
class AgentMayBeFree:
    """Somebody may be free for a call that waits."""


@dataclass(frozen=True, slots=True)
class Admit:
    """The call is new: to the queue, to the robot, or to the voicemail."""


@dataclass(frozen=True, slots=True)
class BeginRobot:
    """The robot goes on with its conversation after a restart."""


@dataclass(frozen=True, slots=True)
class CaseMoved:
    """The retention case of the call is there now."""

    phase: CasePhase


@dataclass(frozen=True, slots=True)
class CustomersFound:
    """What the operator's customer system has on the caller."""

    rows: Sequence[CustomerRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """A side is speaking; ``hint``: what the caller seems to want, where that is stable."""

    side: LegId
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uttered:
    """A side has said something; only the caller's words are understood.

    ``heard_frames``: (caller, agent) frames that need not be heard again; ``final_at``: when the
    recogniser was sure; ``number``: the name by which ``Stored`` tells it.
    """

    side: LegId
    final: Final
    understanding: Understanding | None = None
    situation: Situation | None = None
    heard_frames: tuple[int, int] = (0, 0)
    final_at: datetime | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Meant:
    """What the caller said, as the robot takes it: after a second hearing, where there is one."""

    said: CallerSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionLost:
    """The recogniser failed: this side is not heard before the frame."""

    side: LegId
    until_frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechActivity:
    """The caller began or stopped speaking, or goes on. Told only while ``wants_activity``."""

    speaking_ms: int
    quiet_ms: int


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that was armed ran out."""

    timer: str


@dataclass(frozen=True, slots=True)
class Unspeakable:
    """A sentence could not be made: there is no voice."""


@dataclass(frozen=True, slots=True)
class Done:
    """A command was carried out."""

    tag: int
    result: object = None


@dataclass(frozen=True, slots=True)
class Failed:
    """A command was not carried out: Refused is a business no, StorageAway comes again."""

    tag: int
    error: Exception


@dataclass(frozen=True, slots=True)
class AllHeard:
    """Everything up to the end of the tape was heard, and told."""


Input = (
    Found | Reported | Lost | Happened | Asked | AgentMayBeFree | Admit | BeginRobot | CaseMoved
    | CustomersFound | Saying | Uttered | Meant | RecognitionLost | SpeechActivity | TimerFired
    | Unspeakable | Done | Failed | AllHeard
)  # fmt: skip

# -- outputs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """Carry a command out and answer with ``Done`` or ``Failed`` and the same tag."""

    tag: int
    command: Command[Any]


@dataclass(frozen=True, slots=True)
class SendOrder:
    """To the bridge. Orders, prompts and sentences go out in the order in which they come."""

    order: link.Order


@dataclass(frozen=True, slots=True)
class PlayPrompt:
    """Play one of the line's own prompts to the caller; its name is its token."""

    name: str
    loop: bool = False


@dataclass(frozen=True, slots=True)
class HoldCaller:
    """Hold the caller with this prompt."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speak:
    """Make a sentence and play it to the caller. Answered with ``Unspeakable`` where it fails."""

    text: str
    token: str
    slow: bool


@dataclass(frozen=True, slots=True)
class Tell:
    """To the screens."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Arm:
    """``TimerFired`` after ``seconds``, in place of an earlier one of this name."""

    timer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Disarm:
    timer: str


@dataclass(frozen=True, slots=True)
class Hear:
    """Hear this side from a frame on."""

    side: LegId
    frame: int


@dataclass(frozen=True, slots=True)
class Expect:
    """What the caller's next words answer to: a section of short replies. Empty: what the agent
    said last decides."""

    reply: str


@dataclass(frozen=True, slots=True)
class FinishHearing:
    """Hear to the end of the tape (0: only what has come already), then ``AllHeard``."""

    frames: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a person's button."""

    ticket: int
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """Let the version in shadow look at the same words."""

    utterance_id: UtteranceId
    understanding: Understanding
    situation: Situation


@dataclass(frozen=True, slots=True)
class Stored:
    """An utterance was stored: its number in the call, and its id."""

    number: int
    utterance_id: UtteranceId


@dataclass(frozen=True, slots=True)
class LookUp:
    """Ask the operator's customer system who calls."""

    caller: str


@dataclass(frozen=True, slots=True)
class AgentFreed:
    """Somebody may be free for another call."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The books of this call are closed: the session is over."""


Output = (
    Run | SendOrder | PlayPrompt | HoldCaller | Speak | Tell | Arm | Disarm | Hear | Expect
    | FinishHearing | Answered | Compare | Stored | LookUp | AgentFreed | Closed
)  # fmt: skip
