"""The port of the second pass: whole utterances, heard once more."""

from concurrent.futures import Future
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol, Self


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


class RecordingLost(Exception):  # noqa: N818  a state of the world
    """There is nothing to hear: ``is_gone`` where no file is there (it may be away for a while),
    else what is there is no recording."""

    def __init__(self, detail: str, *, is_gone: bool) -> None:
        super().__init__(detail)
        self.is_gone = is_gone


class Recording(Protocol):
    """The recording of one call. Blocking; its methods raise RecordingLost."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *_: object) -> None: ...
    def heard_of(self, side: str, start_ms: int, end_ms: int) -> bytes:
        """PCM16 at 8000 Hz of the caller's or of the other side; less, or nothing, where the
        recording is over before."""
        ...


class Recordings(Protocol):
    """Finished recordings, a stretch at a time: a call may have been hours long."""

    def open(self, name: str) -> Recording:
        """By the name that the call keeps. Raises RecordingLost."""
        ...
