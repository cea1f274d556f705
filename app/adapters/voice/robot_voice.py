"""The robot's natural voice: recordings first, then what was made meanwhile, then another voice.

What is said for the first time is said at once by the spare voice, and asked of the model in the
background: the next caller hears it in the natural voice.
"""

from collections.abc import Callable
from pathlib import Path

from app.adapters.voice.kept_voice import KeptVoice, kept, kept_path
from app.adapters.voice.natural_voice import NaturalVoice
from app.language.texts.splicing import as_recorded
from app.media.pace import at_pace

#: The pace for callers who asked for it slowly.
SLOWLY = 0.8


class RobotVoice:
    """``later(text, path)`` is asked to make a sentence into a file when there is time."""

    def __init__(
        self, natural: NaturalVoice, spare: KeptVoice, folder: Path, name: str,
        later: Callable[[str, Path], None] | None = None,
    ) -> None:  # fmt: skip
        self._natural, self._spare = natural, spare
        self._folder, self._name, self._later = folder, name, later

    def speak(self, said: str, *, slow: bool = False) -> bytes:
        """PCM16 of what is said. Blocking, for as long as the spare voice takes at most."""
        pcm16 = self._natural.whole(said) or self._made(said)
        if pcm16 is None:
            pcm16 = self._natural.with_help(said, self._spare.speak)
        return at_pace(pcm16, SLOWLY) if slow else pcm16

    def _made(self, said: str) -> bytes | None:
        """What was made since it was first asked for; else it is asked for now."""
        text = as_recorded(said)
        path = kept_path(self._folder, self._name, text)
        found = kept(path)
        if found is None and self._later is not None:
            self._later(text, path)
        return found
