"""Voice prompts: a recording where there is one, else synthetic speech, kept on disk."""

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.adapters.voice.kept_voice import KeptVoice
from app.domain.calls import machine as call
from app.language.texts.read_aloud import framed, read_aloud
from app.media import tones, wav
from app.media.g711 import RATE_HZ
from app.media.loudness import evened, joined
from app.service.ports import Synthesiser

log = logging.getLogger(__name__)
_TONES = {
    call.BEEP: tones.beep,
    call.RINGBACK: tones.ringback,
    call.QUEUE_MUSIC: tones.music,
    call.HOLD_MUSIC: tones.music,
}


class Speaking(Protocol):
    """Speaks what is not recorded by the operator."""

    def speak(self, said: str, *, slow: bool = False) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Said:
    """A voice, and the prompts that are ready in it."""

    voice: Speaking
    ready: dict[str, bytes] = field(default_factory=dict)


class PromptCache:
    """``pcm16(name)`` of a tone, a recording ``NAME.wav`` or a spoken text; by content on disk."""

    def __init__(
        self, synthesiser: Synthesiser, texts: dict[str, str], recordings: Path, cache: Path,
        slowly: Synthesiser | None = None, spare: Synthesiser | None = None, voice: str = "",
        natural: Speaking | None = None,
    ) -> None:  # fmt: skip
        """``spare`` speaks where the voice fails; ``voice`` tells one voice's files from
        another's; ``natural`` speaks instead of all of them."""
        self._texts = texts
        self._recordings = recordings
        self._now = _Said(natural or KeptVoice(synthesiser, cache, voice, slowly, spare))

    def speak_with(self, voice: Speaking) -> None:
        """From now on another voice speaks, its prompts made before anybody waits for them. What
        is being made in the voice before it, is said in that one. Blocking."""
        new = _Said(voice)
        for name in (*self._texts, *_TONES):
            self._pcm16(name, new)
        self._now = new

    def speech(self, text: str, *, slow: bool = False) -> bytes:
        """A sentence: recordings from the folder ``sentences`` that are named like it, or like its
        beginning or end, at the voice's loudness, with what is not recorded spoken. Blocking.

        A recording that is not mono at 8000 Hz is passed over and logged: a caller waits.
        """
        parts = framed(text, self._recorded())
        if not any(recorded for _, recorded in parts):
            return self._spoken(text, slow=slow)
        made = [self._part(part, recorded, slow) for part, recorded in parts]
        return joined(made) if len(made) > 1 else made[0]

    def _recorded(self) -> set[str]:
        """What is recorded now: an operator adds files while the house is open."""
        return {path.stem for path in (self._recordings / "sentences").glob("*.wav")}

    def _part(self, text: str, recorded: bool, slow: bool) -> bytes:
        if recorded:
            try:
                return evened(self._recording(self._recordings / "sentences" / f"{text}.wav"))
            except (OSError, wav.WavError) as error:
                log.warning("a recording is passed over: %s", error)
        return evened(self._spoken(text, slow=slow))

    def _recording(self, path: Path) -> bytes:
        audio = wav.load(path.read_bytes())
        if (audio.rate_hz, audio.channels) != (RATE_HZ, 1):
            raise wav.WavError(f"{path.name}: expected mono, {RATE_HZ} Hz")
        return audio.pcm16

    def pcm16(self, name: str) -> bytes:
        """Audio of a prompt. Raises KeyError for a name that nothing defines. Blocking."""
        return self._pcm16(name, self._now)

    def _pcm16(self, name: str, now: "_Said") -> bytes:
        if name not in now.ready:
            now.ready[name] = self._make(name, now.voice)
        return now.ready[name]

    def _make(self, name: str, voice: Speaking) -> bytes:
        recording = self._recordings / f"{name}.wav"
        if recording.is_file():
            return self._recording(recording)
        if name in _TONES:
            return _TONES[name]()
        return voice.speak(read_aloud(self._texts[name]))

    def _spoken(self, text: str, *, slow: bool = False) -> bytes:
        return self._now.voice.speak(read_aloud(text), slow=slow)

    def warm(self) -> None:
        """Make all prompts, so that the first caller does not wait for them."""
        for name in (*self._texts, *_TONES):
            self.pcm16(name)
