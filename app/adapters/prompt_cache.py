"""Voice prompts: a recording where there is one, else synthetic speech, kept on disk."""

import hashlib
from pathlib import Path

from app.domain import call
from app.media import tones, wav
from app.media.g711 import RATE_HZ
from app.service.ports import Synthesiser

_TONES = {
    call.BEEP: tones.beep,
    call.RINGBACK: tones.ringback,
    call.QUEUE_MUSIC: tones.music,
    call.HOLD_MUSIC: tones.music,
}


class PromptCache:
    """``pcm16(name)`` of a tone, a recording ``NAME.wav`` or a spoken text; by content on disk."""

    def __init__(
        self, synthesiser: Synthesiser, texts: dict[str, str], recordings: Path, cache: Path,
        slowly: Synthesiser | None = None,
    ) -> None:  # fmt: skip
        self._synthesiser = synthesiser
        self._texts = texts
        self._recordings = recordings
        self._cache = cache
        self._ready: dict[str, bytes] = {}
        self._slowly = slowly or synthesiser
        self._recorded = {text: name for name, text in texts.items()}

    def speech(self, text: str, *, slow: bool = False) -> bytes:
        """A sentence: the recording of a prompt with these words, or synthetic. Blocking."""
        name = self._recorded.get(text, "")
        if name and (self._recordings / f"{name}.wav").is_file():
            return self.pcm16(name)
        return self._spoken(text, slow=slow)

    def pcm16(self, name: str) -> bytes:
        """Audio of a prompt. Raises KeyError for a name that nothing defines. Blocking."""
        if name not in self._ready:
            self._ready[name] = self._make(name)
        return self._ready[name]

    def _make(self, name: str) -> bytes:
        recording = self._recordings / f"{name}.wav"
        if recording.is_file():
            audio = wav.load(recording.read_bytes())
            if (audio.rate_hz, audio.channels) != (RATE_HZ, 1):
                raise wav.WavError(f"{recording.name}: expected mono, {RATE_HZ} Hz")
            return audio.pcm16
        if name in _TONES:
            return _TONES[name]()
        return self._spoken(self._texts[name])

    def _spoken(self, text: str, *, slow: bool = False) -> bytes:
        digest = hashlib.sha256((text + " slow" * slow).encode()).hexdigest()[:24]
        path = self._cache / f"{digest}.wav"
        if path.is_file():
            return wav.load(path.read_bytes()).pcm16
        pcm16 = (self._slowly if slow else self._synthesiser).speak(text)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)))
        part.replace(path)
        return pcm16

    def warm(self) -> None:
        """Make all prompts, so that the first caller does not wait for them."""
        for name in (*self._texts, *_TONES):
            self.pcm16(name)
