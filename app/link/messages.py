"""What bridge and brain tell each other: a dataclass a fact (bridge) and an order (brain).

Times are seconds, ``frames`` count 20 ms on the call's tape. PROTOCOL.md is made from this file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from app.domain.calls.ids import CALLER, CallId, LegId
from app.link.summary import CallSummary, Direction, Hears, Purpose, check_call, check_leg


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCall:
    """A message about one call."""

    call: CallId

    def __post_init__(self) -> None:
        check_call(self.call)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfLeg(OfCall):
    """A message about one leg of a call."""

    leg: LegId

    def __post_init__(self) -> None:
        check_call(self.call)
        check_leg(self.leg)


# -- facts: what the bridge tells ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first message: every call that the bridge has, or that ended unknown to the brain."""

    bridge: str
    calls: tuple[CallSummary, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(OfCall):
    """A call came in; or one that the hotline rang up (``purpose``) was answered."""

    caller: str
    called: str
    name: str = ""
    sip_call_id: str = ""
    started_at: float = 0.0
    direction: Direction = Direction.INBOUND
    purpose: Purpose | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRinging(OfLeg):
    """A dialled leg rings; ``code`` is the SIP status (180, 183)."""

    code: int = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(OfLeg):
    """A dialled leg was answered; it hears nobody before ``connect``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegFailed(OfLeg):
    """A dialled leg was never answered; ``code`` is the SIP status, 408 where time ran out."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected(OfCall):
    """The matrix ``hears`` is in force from the tape's frame ``frames`` on."""

    frames: int
    hears: Hears = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHeld(OfLeg):
    """The phone of this leg put the call on hold (re-INVITE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegResumed(OfLeg):
    """The phone of this leg took the call up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitPressed(OfLeg):
    """A DTMF digit, one of ``0-9 * # A-D``."""

    digit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptPlayed(OfCall):
    """The prompt of ``token`` ended or was stopped; ``frames`` is the tape's position then."""

    token: str
    frames: int = 0
    leg: LegId = CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHungUp(OfLeg):
    """An answered leg, or the caller's, ended at its own wish; 408: its network is gone."""

    code: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStarted(OfCall):
    """The recording is at ``path`` below the bridge's home; frame 0 is the answer."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFailed(OfCall):
    """The disk failed: the call goes on without a recording."""

    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered(OfCall):
    """Whom ``originate`` rang up did not answer: no call has been, only an attempt."""

    purpose: Purpose
    code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended(OfCall):
    """The call is over; its tape goes on being sent until the brain has all frames."""

    summary: CallSummary


Fact: TypeAlias = (
    Hello | Offered | LegRinging | LegAnswered | LegFailed | Connected | LegHeld | LegResumed
    | DigitPressed | PromptPlayed | LegHungUp | RecordingStarted | RecordingFailed | Unanswered
    | Ended
)  # fmt: skip

# -- orders: what the brain asks for --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """Answers ``hello``; ``resume``: from which frame on to send each call's audio."""

    resume: Mapping[CallId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring(OfCall):
    """180 to the caller; 183 where ``early``: prompts are heard before the answer."""

    early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(OfCall):
    """200 to the caller; the recording begins with frame 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(OfCall):
    """A final failure to the caller."""

    code: int = 480
    reason: str = "Temporarily Unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial(OfLeg):
    """Ring ``uri`` as a new leg of this id; unanswered after ``timeout_s`` it fails with 408."""

    uri: str
    name: str = ""
    timeout_s: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DropLeg(OfLeg):
    """End this leg only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connect(OfCall):
    """From now on legs hear each other as ``hears`` says; what is being played stops.

    Legs that have not answered, or are gone, are left out. Nobody stays on hold.
    """

    hears: Hears


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(OfCall):
    """``leg`` (null: all) hears only the prompt ``key``, over and over, and nobody hears it."""

    key: str
    leg: LegId | None = CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(OfCall):
    """``leg`` (null: all) hears and is heard as before it was held."""

    leg: LegId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Play(OfCall):
    """Queue the prompt ``key`` for ``leg``; ``token`` comes back with ``prompt_played``."""

    key: str
    token: str
    loop: bool = False
    leg: LegId = CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class StopPlaying(OfCall):
    """Drop all prompts of ``leg`` at once; each is reported as played."""

    leg: LegId = CALLER


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(OfCall):
    """Pause (``on`` false) or go on recording; paused frames are silence."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Originate(OfCall):
    """Ring up ``number`` at ``uri`` as a new call; ``offered`` or ``unanswered`` follows."""

    uri: str
    number: str
    purpose: Purpose
    timeout_s: float = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeMessage(OfCall):
    """The brain cannot store anything now: apologise and take a message as without a brain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HangUp(OfCall):
    """End all legs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget(OfCall):
    """The brain has all of an ended call: summary and tape may go."""


Order: TypeAlias = (
    Welcome | Ring | Answer | Reject | Dial | DropLeg | Connect | Hold | Resume | Play
    | StopPlaying | Record | Originate | TakeMessage | HangUp | Forget
)  # fmt: skip
