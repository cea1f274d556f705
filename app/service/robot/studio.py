"""Where the robot's voice is made, as the service sees it: a port."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from app.domain.robot.voice import VoiceChoice


class StudioFault(StrEnum):
    """Why nothing is rendered now."""

    NONE = ""
    NO_MODEL = "no_model"
    BROKEN_MODEL = "broken_model"
    DISK = "disk"


class SampleLate(Exception):  # noqa: N818  it comes, but not now
    """A sentence to be heard is not rendered yet: it may be asked for again."""


class Studio(Protocol):
    """All of it blocks for moments (files), but ``sample``, which waits for seconds."""

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices and blends that can be rendered here; the shipped one at least."""
        ...

    @property
    def fault(self) -> StudioFault: ...

    def missing(self, voice: str, texts: Sequence[str]) -> Sequence[str]:
        """Those of the sentences that are neither recorded in a voice nor rendered, but can be."""
        ...

    def make(self, voice: str, texts: Sequence[str]) -> None:
        """Render them when there is time; asking again costs nothing."""
        ...

    def speak_as(self, choice: VoiceChoice) -> None:
        """From now on the line speaks like this."""
        ...

    def spoken_last(self) -> str:
        """The voice that the line had last, over restarts; empty where that is not known."""
        ...

    def tidy(self, voices: frozenset[str], texts: Sequence[str]) -> None:
        """Remove the renderings of other voices, and old ones of sentences that are not fixed."""
        ...

    def sample(self, choice: VoiceChoice, text: str) -> bytes:
        """PCM16 of a sentence, at once where it is there. Raises SampleLate after some seconds, and
        Invalid for what has no sound."""
        ...
