"""One loudness for everything that a caller hears of us, so that voices join without a seam."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.media.g711 import RATE_HZ

#: The loudness of the synthetic voice: a recorded sentence before a spoken figure has no seam.
LOUDNESS_RMS, _PEAK = 2200.0, 30000.0
#: Quieter samples are pauses.
_AUDIBLE = 100
#: Pause that stays at an edge, and the ramp in it.
EDGE_MS, _RAMP_MS = 40, 5


def evened(pcm16: bytes) -> bytes:
    """PCM16 with its audible part at LOUDNESS_RMS, without clipping."""
    samples = np.frombuffer(pcm16, "<i2").astype(np.float64)
    loud = samples[np.abs(samples) > _AUDIBLE]
    if not len(loud):
        return pcm16
    gain = min(LOUDNESS_RMS / float(np.sqrt((loud**2).mean())), _PEAK / float(np.abs(loud).max()))
    return bytes((samples * gain).astype("<i2").tobytes())


def joined(parts: Sequence[bytes]) -> bytes:
    """Stretches of speech one after the other: quiet edges are cut to EDGE_MS, and every edge is
    ramped, so that nothing clicks and no pause tells where a recording ends."""
    return b"".join(_edged(np.frombuffer(part, "<i2")) for part in parts)


def _edged(samples: NDArray[np.int16]) -> bytes:
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > _AUDIBLE)
    if not len(loud):
        return b""
    edge = RATE_HZ * EDGE_MS // 1000
    inside = samples[max(0, loud[0] - edge) : loud[-1] + edge + 1].astype(np.float64)
    ramp = np.linspace(0.0, 1.0, min(RATE_HZ * _RAMP_MS // 1000, len(inside) // 2))
    inside[: len(ramp)] *= ramp
    inside[len(inside) - len(ramp) :] *= ramp[::-1]
    return bytes(inside.astype("<i2").tobytes())
