"""Call progress tones and hold music, computed: no recording has to be licensed."""

import numpy as np

from app.media.g711 import RATE_HZ

BEEP_HZ = 1000
RINGBACK_HZ = 450
_LEVEL = 6000


def tone(frequency_hz: float, duration_ms: int, level: int = _LEVEL) -> bytes:
    """A sine with 5 ms ramps, PCM16."""
    n = RATE_HZ * duration_ms // 1000
    ramp = max(1, RATE_HZ * 5 // 1000)
    envelope = np.minimum(1.0, np.minimum(np.arange(n), np.arange(n)[::-1]) / ramp)
    wave = np.sin(2 * np.pi * frequency_hz * np.arange(n) / RATE_HZ)
    return (wave * envelope * level).astype("<i2").tobytes()


def mixed(pcm16: bytes, under: bytes) -> bytes:
    """Two stretches of PCM16 of one length, one on the other, clipped."""
    total = np.frombuffer(pcm16, "<i2").astype(np.int32) + np.frombuffer(under, "<i2")
    return bytes(total.clip(-32768, 32767).astype("<i2").tobytes())


def silence(duration_ms: int) -> bytes:
    return bytes(RATE_HZ * duration_ms // 1000 * 2)


def beep() -> bytes:
    """The tone after which a message is recorded."""
    return silence(200) + tone(BEEP_HZ, 350) + silence(60)


def ringback() -> bytes:
    """The Chinese ringing tone: 450 Hz, 1 s on, 4 s off (GB/T 3380)."""
    return tone(RINGBACK_HZ, 1000, 3000) + silence(4000)


_MELODY = (
    (523, 2), (659, 1), (784, 1), (1047, 2), (784, 2), (880, 2), (784, 1), (659, 1), (587, 4),
    (523, 2), (587, 1), (659, 1), (784, 2), (659, 2), (587, 2), (659, 1), (587, 1), (523, 4),
)  # fmt: skip


def music() -> bytes:
    """A calm pentatonic phrase to wait with, about 16 s."""
    notes = b"".join(tone(hz, beats * 400, 2200) + silence(40) for hz, beats in _MELODY)
    return notes + silence(600)
