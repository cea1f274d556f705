"""Other sample rates into the line's 8000 Hz and back, by soxr (band-limited, no aliasing)."""

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


class Downsampler:
    """One channel of any rate at the line's, piece by piece without a seam. Raises ValueError for
    a rate outside 8-192 kHz."""

    def __init__(self, rate_hz: int) -> None:
        if not LOWEST_HZ <= rate_hz <= HIGHEST_HZ:
            raise ValueError(f"expected {LOWEST_HZ} to {HIGHEST_HZ} Hz, got {rate_hz}")
        same = rate_hz == RATE_HZ
        self._stream = None if same else soxr.ResampleStream(rate_hz, RATE_HZ, 1, dtype="int16")

    def feed(self, pcm16: bytes, *, last: bool = False) -> bytes:
        """What can be given of it now; with the last piece all the rest."""
        if self._stream is None:
            return pcm16
        samples = np.frombuffer(pcm16, dtype="<i2")
        return bytes(self._stream.resample_chunk(samples, last=last).astype("<i2").tobytes())


class Upsampler:
    """The line's audio at a higher rate, piece by piece without a seam; about 10 ms late."""

    def __init__(self, rate_hz: int) -> None:
        self._stream = soxr.ResampleStream(RATE_HZ, rate_hz, 1, dtype="int16")

    def feed(self, pcm16: bytes) -> bytes:
        """What can be given of it now; the rest comes with the next piece."""
        samples = np.frombuffer(pcm16, dtype="<i2")
        return bytes(self._stream.resample_chunk(samples).astype("<i2").tobytes())
