"""Kokoro-82M with all 54 voices: what natural synthetic speech is rendered with, and kept.

The application's own synthesiser brings the Mandarin voices; training takes blends and foreign ones, too:
more speakers. The folder holds ``model.onnx``, ``vocab.json`` and ``voices/NAME.bin`` (float32, 510 by 256).
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.adapters.voice.kokoro_voices import style_of, voice_names
from app.adapters.voice.tts_kokoro import (
    inputs,
    line_audio,
    load_phones,
    load_session,
    load_symbols,
)
from scripts.train_speech_model.held_out import HELD_OUT

#: Voices that a recogniser of natural speech hears badly.
WEAK = ("zf_xiaoni", "af_nicole", "hf_beta")
RATE_HZ = 8000
_ROWS, _WIDTH = 510, 256
#: What is silent at the ends of a rendering: 45 dB below its loudest frame.
_FRAME = RATE_HZ // 100
_SILENT_BELOW = 10 ** (-45 / 20)
_KEPT_FRAMES = 6


class Job(NamedTuple):
    """``voice``: one, or two joined by ``+`` for a blend in equal parts."""

    text: str
    voice: str
    speed: float
    seed: int

    def cached(self, folder: Path) -> Path:
        """Where the rendering is kept."""
        name = hashlib.sha256(f"{self.text}|{self.voice}|{self.speed}".encode()).hexdigest()[:20]
        return folder / name[:2] / f"{name}.pcm"


def voices(folder: Path) -> list[str]:
    """The voices to train with. Raises FileNotFoundError where there are none."""
    found = sorted(path.stem for path in (folder / "voices").glob("*.bin"))
    if not found:
        raise FileNotFoundError(f"no voices in {folder / 'voices'} (NAME.bin of npm's kokoro-js)")
    return [name for name in found if name not in (*HELD_OUT, *WEAK)]


def held_out(folder: Path) -> tuple[str, ...]:
    """The voices to measure with that are here: without the folder's voices, the application's."""
    there = voice_names()
    return tuple(n for n in HELD_OUT if n in there or (folder / "voices" / f"{n}.bin").is_file())


class Renderer:
    """The synthesiser on one CPU thread."""

    def __init__(self, folder: Path) -> None:
        """Raises SpeechModelError where the folder is not complete or a library is missing."""
        self._ids, self._session = load_symbols(folder), load_session(folder)
        self._phones = load_phones()
        self._voices = folder / "voices"

    def render(self, text: str, voice: str, speed: float) -> bytes:
        """PCM16 at 8000 Hz, without the silence around. Raises SpeechModelError for an unknown
        voice."""
        symbols = self._phones(text)
        ids = [self._ids[each] for each in symbols if each in self._ids][: _ROWS - 1]
        style = np.mean([self._styles(name) for name in voice.split("+")], axis=0)
        audio = self._session.run(None, inputs(ids, style, speed))[0]
        line = line_audio(np.asarray(audio, np.float32))
        return _without_silence(np.frombuffer(line, "<i2")).tobytes()

    @lru_cache(maxsize=64)  # noqa: B019 - one renderer a process
    def _styles(self, voice: str) -> NDArray[np.float32]:
        path = self._voices / f"{voice}.bin"
        if not path.is_file():
            return style_of(voice).astype(np.float32)
        return np.fromfile(path, np.float32).reshape(_ROWS, _WIDTH)


def _without_silence(samples: NDArray[np.int16]) -> NDArray[np.int16]:
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME).astype(np.float32)
    power = np.sqrt((frames**2).mean(1))
    loud = np.flatnonzero(power > power.max(initial=0) * _SILENT_BELOW)
    if not len(loud):
        return samples
    first = max(0, loud[0] - _KEPT_FRAMES)
    return samples[first * _FRAME : (loud[-1] + _KEPT_FRAMES) * _FRAME]


def keep(renderer: Renderer, job: Job, path: Path) -> None:
    """Renders into the file that ``cached`` names; a run that is cut off leaves no half of one."""
    samples = renderer.render(job.text, job.voice, job.speed)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_bytes(samples)
    part.replace(path)
