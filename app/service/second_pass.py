"""The port of the second pass: whole utterances, heard once more."""

from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum
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


class SecondPass(Protocol):
    """Hears whole utterances once more, better and later than the first pass."""

    def hear(
        self, pcm16: bytes, urgency: Urgency, within_s: float | None = None
    ) -> Future[Reheard | None]:
        """From any thread. None: it would be later than ``within_s``, or nobody is there to hear;
        a job without it waits its turn. Cancel it where nobody wants it any more."""
        ...
