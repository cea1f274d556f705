"""The port of the second pass: whole utterances, heard once more."""

from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol


class Urgency(IntEnum):
    """Whose words are heard again first."""

    ROBOT_CALLER = 0
    CALLER = 1
    AGENT = 2
    LATER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Reheard:
    """A whole utterance as the second pass heard it: simplified Han characters, figures as they
    are read, empty where it was no speech;
    ``score`` is the mean log probability of a token."""

    text: str
    score: float


class Readiness(StrEnum):
    """Whether calls are heard again while they go on."""

    OFF = "off"
    MEASURING = "measuring"
    ON = "on"
    TOO_SLOW = "too_slow"
    SILENT = "silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondPassStatus:
    """``factor``: seconds of work a second of speech, as measured here; ``calls``: two-sided ones
    of which 95 of 100 sentences are heard again within 2 s. Both None until it was measured."""

    model: str
    readiness: Readiness
    factor: float | None = None
    calls: int | None = None
    heard: int = 0
    late: int = 0
    died: int = 0


NO_SECOND_PASS = SecondPassStatus(model="", readiness=Readiness.OFF)


class SecondPass(Protocol):
    """Hears whole utterances once more, better and later than the first pass."""

    @property
    def name(self) -> str:
        """Of the model that hears."""
        ...

    def hear(
        self, pcm16: bytes, urgency: Urgency, within_s: float | None = None
    ) -> Future[Reheard | None]:
        """From any thread. None: it would be later than ``within_s``, or nobody is there to hear;
        a job without it waits its turn. Cancel it where nobody wants it any more."""
        ...
