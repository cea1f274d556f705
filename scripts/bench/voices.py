"""Who speaks to a recogniser: voices of espeak-ng or Kokoro that no model was trained with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from app.adapters.voice.accents import accented
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from scripts.train_speech_model.natural_voices import Job, Renderer, held_out, keep

VOICES = ("m5", "f4", "klatt3", "linda", "michael", "steph", "anika", "adam")
SPEEDS = (170, 185, 160, 175, 190, 165, 180, 175)
NATURAL_SPEEDS = (1.0, 1.1, 0.95, 1.2, 1.05)
_LOUDNESS = 0.6


class Voices(Protocol):
    """Who speaks: each text by the next voice."""

    names: Sequence[str]
    mulaw: bool

    def speak(self, at: int, text: str) -> np.ndarray: ...


class EspeakVoices:
    names: Sequence[str] = VOICES
    mulaw = False

    def __init__(self) -> None:
        self._voices = [
            EspeakSynthesiser(name, speed) for name, speed in zip(VOICES, SPEEDS, strict=True)
        ]

    def speak(self, at: int, text: str) -> np.ndarray:
        return (
            np.frombuffer(self._voices[at % len(VOICES)].speak(text), "<i2").astype(np.float32)
            * _LOUDNESS
        )


class _Accented(Renderer):
    """Says some initials like others."""

    def __init__(self, folder: Path, accent: str) -> None:
        super().__init__(folder)
        plain = self._phones
        self._phones = lambda text: accented(plain(text), [accent])


class NaturalVoices:
    """Kokoro's held-out voices; what was rendered once is read from ``kept``."""

    mulaw = True

    def __init__(self, model: Path, kept: Path, accent: str = "", only: Sequence[str] = ()) -> None:
        """``accent``: one of the application's ``ACCENTS``; ``only``: some of the voices."""
        self.names: Sequence[str] = [name for name in held_out(model) if not only or name in only]
        self._model, self._accent = model, accent
        self._kept = kept / accent if accent else kept
        self._renderer: Renderer | None = None

    def speak(self, at: int, text: str) -> np.ndarray:
        job = Job(
            text, self.names[at % len(self.names)], NATURAL_SPEEDS[at % len(NATURAL_SPEEDS)], 0
        )
        path = job.cached(self._kept)
        if not path.exists():
            self._renderer = self._renderer or self._started()
            keep(self._renderer, job, path)
        samples = np.frombuffer(path.read_bytes(), "<i2").astype(np.float32)
        even: np.ndarray = samples / (np.abs(samples).max() + 1) * _LOUDNESS * 32767
        return even

    def _started(self) -> Renderer:
        return _Accented(self._model, self._accent) if self._accent else Renderer(self._model)
