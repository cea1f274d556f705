"""Speech by Kokoro-82M (Apache-2.0) in its Mandarin voices: misaki's symbols, onnxruntime.

A folder of the model holds ``model.onnx`` and ``vocab.json``; the voices come with Holdline. Both
libraries are loaded with the first model: a light installation does without them.
"""

import copy
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.accents import accented
from app.adapters.voice.kokoro_text import Phones, chunks, phones_of
from app.adapters.voice.kokoro_voices import style_of
from app.domain.robot.voice import SHIPPED
from app.language.texts.splicing import as_recorded
from app.media.loudness import evened, joined
from app.media.resample import to_line_rate

MODEL_NAME = "kokoro-82m"
ROBOT_VOICE = SHIPPED.voice
RATE_HZ = 24_000
_PCM, _PAD = 32767.0, 0
_FETCH = "holdline model fetch kokoro-82m"


class Session(Protocol):
    """What is used of onnxruntime's session."""

    def run(self, outputs: Sequence[str] | None, given: dict[str, Any]) -> Sequence[Any]: ...


class KokoroSynthesiser:
    """``voice`` is a name, or names joined by ``+`` for an even blend; ``speed`` above 1 is
    faster. Raises SpeechModelError for a folder without the model, or an unknown voice."""

    def __init__(self, folder: Path, voice: str = ROBOT_VOICE, speed: float = 1.0) -> None:
        self._style = style_of(voice)
        self._speed = speed
        self._symbols = load_symbols(folder)
        self._phones = load_phones()
        self._session = load_session(folder)

    def at(self, voice: str, speed: float = 1.0) -> "KokoroSynthesiser":
        """The same loaded model in another voice or at another speed."""
        other = copy.copy(self)
        other._style, other._speed = style_of(voice), speed
        return other

    def with_accents(self, accents: Sequence[str]) -> "KokoroSynthesiser":
        """The same voice with accents (``accents.ACCENTS``)."""
        other, plain = copy.copy(self), self._phones
        other._phones = lambda text: accented(plain(text), accents)
        return other

    def speak(self, text: str) -> bytes:
        """PCM16 at 8000 Hz at the house's loudness. Raises SpeechModelError where nothing comes."""
        if not any(map(str.isalnum, text)):
            raise SpeechModelError("the voice has no sound for a sentence without words")
        try:
            symbols = chunks(as_recorded(text), self._phones, most=len(self._style) - 1)
        except (ValueError, KeyError, IndexError) as error:
            raise SpeechModelError(f"a sentence has no reading: {error}") from None
        parts = [self._part([self._symbols[s] for s in part if s in self._symbols])
                 for part in symbols]  # fmt: skip
        if not any(parts):
            raise SpeechModelError("the voice has no sound for a sentence")
        return evened(joined(parts))

    def _part(self, ids: list[int]) -> bytes:
        if not ids:
            return b""
        audio = self._session.run(None, inputs(ids, self._style, self._speed))[0]
        return line_audio(np.asarray(audio, np.float32))


def inputs(ids: list[int], style: NDArray[np.float16], speed: float) -> dict[str, Any]:
    """What the model is given for symbols: padded at both ends, with the style of their number."""
    return {
        "tokens": np.array([[_PAD, *ids, _PAD]], np.int64),
        "style": style[len(ids)][None].astype(np.float32),
        "speed": np.array([speed], np.float32),
    }


def line_audio(samples: NDArray[np.float32]) -> bytes:
    """PCM16 at the line's rate of what the model gives (-1 to 1, 24 kHz)."""
    clipped = np.clip(samples.reshape(-1) * _PCM, -_PCM, _PCM)
    return to_line_rate(clipped.astype("<i2").tobytes(), RATE_HZ)


def load_symbols(folder: Path) -> dict[str, int]:
    """The model's number of each symbol. Raises SpeechModelError."""
    path = folder / "vocab.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["vocab"]
        return {str(symbol): int(number) for symbol, number in found.items()}
    except FileNotFoundError:
        raise SpeechModelError(f"no voice model in {folder}: run `{_FETCH}`") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SpeechModelError(f"{path} is broken ({error}): run `{_FETCH}` again") from None


def load_phones() -> Phones:
    """Symbols of Chinese text. Raises SpeechModelError where the library is not installed."""
    try:
        import jieba  # noqa: PLC0415  slow to load
        from misaki.zh import ZHG2P  # noqa: PLC0415  left out of a light installation
    except ImportError:
        raise SpeechModelError(
            "the natural voice needs misaki: install Holdline without HOLDLINE_LIGHT"
        ) from None
    jieba.setLogLevel(logging.ERROR)
    chinese = ZHG2P()
    return lambda text: phones_of(text, lambda part: str(chinese(part)[0]))


def load_session(folder: Path) -> Session:
    """The model on one thread. Raises SpeechModelError."""
    try:
        import onnxruntime  # noqa: PLC0415  left out of a light installation
    except ImportError:
        raise SpeechModelError(
            "the natural voice needs onnxruntime: install Holdline without HOLDLINE_LIGHT"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session: Session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        # the library raises classes of its own for a missing, cut or foreign file
        raise SpeechModelError(
            f"the voice model in {folder} cannot be loaded ({str(error)[:120]}): run `{_FETCH}`"
            " again"
        ) from None
    return session
