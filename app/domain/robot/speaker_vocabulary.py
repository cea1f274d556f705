"""What the robot's speaker is told, and what it asks for; ``speaker`` says how they go together."""

from dataclasses import dataclass

from app.domain.calls.vocabulary import RobotFinished, RobotHandedOver
from app.domain.robot.vocabulary import DialogEffect, DialogEvent, Place, Said

# -- inputs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Begun:
    """The caller hears the robot from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaken:
    """What the dialog answered to ``TakeTurn``: what to say and do, and where it is now."""

    effects: tuple[DialogEffect, ...]
    place: Place
    slow: bool = False


@dataclass(frozen=True, slots=True)
class TurnFailed:
    """The turn broke off and nothing of it was kept."""


@dataclass(frozen=True, slots=True)
class PiecePlayed:
    """A sentence was said to its end, or was stopped."""

    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSpeaking:
    """How long the caller has been speaking, or quiet, at the end of a stretch of audio."""

    speaking_ms: int
    quiet_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSaid:
    """A whole utterance; ``backchannel``: it is one of the words that only show attention."""

    said: Said
    backchannel: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    digit: str


@dataclass(frozen=True, slots=True)
class SilenceElapsed:
    """The clock of this number ran out."""

    clock: int


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """A sentence cannot be spoken: there is no voice."""


Input = (
    Begun | TurnTaken | TurnFailed | PiecePlayed | CallerSpeaking | CallerSaid | KeyPressed
    | SilenceElapsed | SpeechFailed
)  # fmt: skip

# -- outputs ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TakeTurn:
    """One event for the dialog."""

    event: DialogEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """One sentence, after those that are queued already."""

    text: str
    token: str
    slow: bool


@dataclass(frozen=True, slots=True)
class StopSaying:
    """Drop the sentence that is being said and all that are queued."""


@dataclass(frozen=True, slots=True)
class Expect:
    """Which section of short replies the next words are read by; empty for none."""

    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmSilence:
    """Report it when nobody has spoken for so long."""

    seconds: float
    clock: int


@dataclass(frozen=True, slots=True)
class DisarmSilence:
    """No silence is waited for."""


@dataclass(frozen=True, slots=True)
class End:
    """The robot's part is over: what the call machine takes."""

    event: RobotHandedOver | RobotFinished


Output = TakeTurn | Say | StopSaying | Expect | ArmSilence | DisarmSilence | End
