"""The same voice slower or faster: overlapping stretches are laid further apart (WSOLA).

Pitch stays; each stretch is taken where it continues the last one best, so that nothing rattles.
"""

import numpy as np
from numpy.typing import NDArray

from app.media.g711 import RATE_HZ

_STRETCH = RATE_HZ * 32 // 1000
_HALF = _STRETCH // 2
_SEARCH = RATE_HZ * 8 // 1000
SLOWEST, FASTEST = 0.5, 2.0


def at_pace(pcm16: bytes, speed: float) -> bytes:
    """PCM16 at ``speed`` times its pace. Raises ValueError outside 0.5 to 2."""
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"expected a pace of {SLOWEST} to {FASTEST}, got {speed}")
    samples = np.frombuffer(pcm16, "<i2").astype(np.float64)
    if speed == 1.0 or len(samples) < 4 * _STRETCH:
        return pcm16
    return bytes(np.clip(_laid(samples, speed), -32768, 32767).astype("<i2").tobytes())


def _laid(samples: NDArray[np.float64], speed: float) -> NDArray[np.float64]:
    window = np.hanning(_STRETCH + 1)[:_STRETCH]
    padded = np.concatenate((np.zeros(_HALF), samples, np.zeros(2 * _STRETCH + _SEARCH)))
    steps = int(len(samples) / speed) // _HALF + 1
    line = np.zeros((steps + 2) * _HALF)
    taken = 0
    for step in range(steps):
        if step:
            taken = _best(padded, int(step * _HALF * speed), taken + _HALF)
        line[step * _HALF : step * _HALF + _STRETCH] += padded[taken : taken + _STRETCH] * window
    return line[_HALF : _HALF + int(len(samples) / speed)]


def _best(samples: NDArray[np.float64], wanted: int, following: int) -> int:
    """Where near ``wanted`` the sound is most like what follows the last stretch."""
    first = max(0, wanted - _SEARCH)
    pattern = samples[following : following + _STRETCH]
    room = samples[first : first + len(pattern) + 2 * _SEARCH]
    if len(pattern) < _STRETCH or len(room) <= _STRETCH:
        return min(wanted, len(samples) - _STRETCH)
    likeness = np.correlate(room, pattern, "valid")
    energy = np.convolve(room**2, np.ones(len(pattern)), "valid")
    return first + int((likeness / np.sqrt(energy + 1.0)).argmax())
