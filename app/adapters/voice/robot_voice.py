"""The robot's natural voice: recordings first, then what was made meanwhile, then another voice.

What is said for the first time is said at once out of the shipped recordings, with the spare voice
for what is not in them, and asked of the model in the background: the next caller hears it whole
in the chosen voice.
"""

from collections.abc import Callable
from pathlib import Path

from app.adapters.voice.kept_voice import KeptVoice, kept, kept_path
from app.adapters.voice.natural_voice import NaturalVoice
from app.domain.robot.voice import SHIPPED, VoiceChoice
from app.language.texts.splicing import as_recorded
from app.media.pace import at_pace

#: The pace for callers who asked for it slowly.
SLOWLY = 0.8
#: Asked to make a sentence into a file, in a voice, when there is time.
Later = Callable[[str, Path, str], None]


def rendered_path(folder: Path, voice: str, text: str) -> Path:
    """Where a sentence is that the model has made in a voice; ``folder``: of all voices."""
    return kept_path(folder / voice, "", as_recorded(text))


class RobotVoice:
    """``natural`` is what is shipped; ``folder`` holds what was made since, voice by voice."""

    def __init__(
        self, natural: NaturalVoice, spare: KeptVoice, folder: Path,
        choice: VoiceChoice = SHIPPED, later: Later | None = None,
    ) -> None:  # fmt: skip
        self._natural, self._spare, self._folder = natural, spare, folder
        self._choice, self._later = choice, later

    def speak(self, said: str, *, slow: bool = False) -> bytes:
        """PCM16 of what is said. Blocking, for as long as the spare voice takes at most."""
        pcm16 = self.there(said)
        if pcm16 is None:
            self._ask(said)
            pcm16 = self._meanwhile(said)
        return at_pace(pcm16, self._choice.speed * (SLOWLY if slow else 1.0))

    def there(self, said: str) -> bytes | None:
        """The whole sentence at the voice's own pace, recorded or made; else None."""
        voice = self._choice.voice
        recorded = self._natural.sentence(said) if voice == SHIPPED.voice else None
        return recorded or kept(rendered_path(self._folder, voice, said))

    def _ask(self, said: str) -> None:
        if self._later is not None:
            voice = self._choice.voice
            self._later(as_recorded(said), rendered_path(self._folder, voice, said), voice)

    def _meanwhile(self, said: str) -> bytes:
        """In the shipped voice, whole: voices that change within a sentence are hard to follow."""
        whole = self._natural.whole(said) or kept(rendered_path(self._folder, SHIPPED.voice, said))
        return whole or self._natural.with_help(said, self._spare.speak)
