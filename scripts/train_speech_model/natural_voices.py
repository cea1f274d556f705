"""Kokoro-82M with all its voices: what natural synthetic speech is rendered with, and kept.

The folder holds ``model.onnx``, ``vocab.json`` and ``voices/NAME.bin`` (float32, 510 by 256).
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.media.resample import to_line_rate

#: Voices that models are measured with: no training sample is spoken by them or by a blend of them.
HELD_OUT = ("zf_xiaoyi", "zm_yunyang", "am_michael", "bf_emma")
#: Voices that a recogniser of natural speech hears badly.
WEAK = ("zf_xiaoni", "af_nicole", "hf_beta")
MODEL_RATE_HZ = 24_000
RATE_HZ = 8000
_ROWS = 510
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
    """The voices to train with."""
    found = sorted(path.stem for path in (folder / "voices").glob("*.bin"))
    return [name for name in found if name not in (*HELD_OUT, *WEAK)]


class Renderer:
    """The synthesiser on one CPU thread."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where the folder is not complete, ImportError without the libraries."""
        import onnxruntime  # noqa: PLC0415 - slow to load, and only here
        from misaki.zh import ZHG2P  # noqa: PLC0415

        vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
        self._ids: dict[str, int] = vocabulary["vocab"]
        self._voices = folder / "voices"
        self._symbols = ZHG2P()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            (folder / "model.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [each.name for each in self._session.get_inputs()]

    def render(self, text: str, voice: str, speed: float) -> bytes:
        """PCM16 at 8000 Hz, without the silence around."""
        symbols, _ = self._symbols(text)
        ids = [self._ids[each] for each in symbols if each in self._ids][: _ROWS - 1]
        style = np.mean([self._style(name, len(ids)) for name in voice.split("+")], axis=0)
        values = (np.array([[0, *ids, 0]], np.int64), style, np.array([speed], np.float32))
        audio = self._session.run(None, dict(zip(self._inputs, values, strict=True)))[0]
        samples = np.clip(np.asarray(audio, np.float32).ravel() * 32767, -32768, 32767)
        line = to_line_rate(samples.astype("<i2").tobytes(), MODEL_RATE_HZ)
        return _without_silence(np.frombuffer(line, "<i2")).tobytes()

    @lru_cache(maxsize=64)  # noqa: B019 - one renderer a process
    def _table(self, voice: str) -> np.ndarray:
        return np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(-1, 1, 256)

    def _style(self, voice: str, count: int) -> np.ndarray:
        return self._table(voice)[count]


def _without_silence(samples: np.ndarray) -> np.ndarray:
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
