"""Other sample rates into the line's 8000 Hz, by soxr (band-limited, no aliasing)."""

import numpy as np
import soxr

from app.media.g711 import RATE_HZ

LOWEST_HZ, HIGHEST_HZ = 8000, 192_000


def to_line_rate(pcm16: bytes, rate_hz: int) -> bytes:
    """PCM16 of one channel at the line's rate. Raises ValueError for a rate outside 8-192 kHz."""
    if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
        raise ValueError(f"expected {LOWEST_HZ} to {HIGHEST_HZ} Hz, got {rate_hz}")
    if rate_hz == RATE_HZ:
        return pcm16
    samples = np.frombuffer(pcm16, dtype="<i2")
    return bytes(soxr.resample(samples, rate_hz, RATE_HZ).astype("<i2").tobytes())
