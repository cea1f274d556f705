"""Speech by espeak-ng from the espeakng-loader wheel: no system package is needed.

Text is given as toned pinyin; one synthesis at a time a process, because the library's state is
global.
"""

import ctypes
import threading
from pathlib import Path

import espeakng_loader
import numpy as np
from pypinyin import Style, lazy_pinyin
from scipy.signal import resample_poly

from app.media.g711 import RATE_HZ

_SYNCHRONOUS, _UTF8 = 1, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_PEAK = 11000
_PAUSES_MS = {
    "。": 260, "\uff1f": 260, "?": 260, "\uff01": 260, "!": 260, "\uff0c": 130, ",": 130, "、": 80,
    "\uff1b": 200,
}  # fmt: skip
_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class SynthesisError(Exception):
    """espeak-ng refused; the text says which call."""


class _Library:
    """The loaded library, once a process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._chunks: list[bytes] = []
        self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
        data = str(Path(espeakng_loader.get_data_path()).parent).encode()
        self.rate_hz: int = self._lib.espeak_Initialize(_SYNCHRONOUS, 500, data, 0)
        if self.rate_hz <= 0:
            raise SynthesisError("espeak-ng did not start: reinstall espeakng-loader")
        self._callback = _Callback(self._collect)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _collect(self, wave: "ctypes._Pointer[ctypes.c_short]", count: int, _: object) -> int:
        if wave and count > 0:
            self._chunks.append(ctypes.string_at(wave, 2 * count))
        return 0

    def speak(self, pinyin: str, variant: str, speed: int, pitch: int, pitch_range: int) -> bytes:
        voice = "cmn-latn-pinyin" + (f"+{variant}" if variant else "")
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise SynthesisError(f"espeak-ng has no voice {voice}")
        for parameter, value in ((_RATE, speed), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        text = pinyin.encode() + b"\0"
        self._chunks.clear()
        self._lib.espeak_Synth(text, len(text), 0, 0, 0, _UTF8, None, None)
        self._lib.espeak_Synchronize()
        return b"".join(self._chunks)


_library: _Library | None = None
_library_lock = threading.Lock()


def _loaded() -> _Library:
    global _library  # noqa: PLW0603  the library itself is one a process
    with _library_lock:
        if _library is None:
            _library = _Library()
        return _library


def phrases(text: str) -> list[tuple[str, int]]:
    """Stretches between punctuation with the pause after each, in milliseconds."""
    found: list[tuple[str, int]] = []
    current = ""
    for character in text:
        pause = _PAUSES_MS.get(character)
        if pause is None:
            current += character
        elif current.strip():
            found.append((current, pause))
            current = ""
    return [*found, (current, 0)] if current.strip() else found


class EspeakSynthesiser:
    """``variant`` is one of espeak-ng's voices (f2, m3, …), ``speed`` words a minute; ``pitch``
    and its range are 0 to 99."""

    def __init__(
        self, variant: str = "f2", speed: int = 190, pitch: int = 50, pitch_range: int = 50
    ) -> None:
        self._variant, self._speed = variant, speed
        self._pitch, self._pitch_range = pitch, pitch_range

    def speak(self, text: str) -> bytes:
        """PCM16 at 8000 Hz, level evened out. Raises SynthesisError."""
        library = _loaded()
        parts: list[np.ndarray] = []
        with library.lock:
            for phrase, pause_ms in phrases(text):
                raw = library.speak(
                    _pinyin(phrase), self._variant, self._speed, self._pitch, self._pitch_range
                )
                parts.append(_to_line_rate(raw, library.rate_hz))
                parts.append(np.zeros(RATE_HZ * pause_ms // 1000))
        if not parts:
            return b""
        audio = np.concatenate(parts)
        peak = float(np.abs(audio).max()) or 1.0
        return (audio * (_PEAK / peak)).astype("<i2").tobytes()


def _pinyin(text: str) -> str:
    syllables = lazy_pinyin(
        text, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, v_to_u=False
    )
    return " ".join(syllables)


def _to_line_rate(raw: bytes, rate_hz: int) -> np.ndarray:
    samples = np.frombuffer(raw, "<i2").astype(np.float64)
    if not len(samples):
        return samples
    divisor = int(np.gcd(rate_hz, RATE_HZ))
    return np.asarray(resample_poly(samples, RATE_HZ // divisor, rate_hz // divisor))
