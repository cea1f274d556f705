"""One loudness for everything that a caller hears of us, so that voices join without a seam."""

import numpy as np

#: The loudness of the synthetic voice: a recorded sentence before a spoken figure has no seam.
LOUDNESS_RMS, _PEAK = 2200.0, 30000.0
#: Quieter samples are pauses.
_AUDIBLE = 100


def evened(pcm16: bytes) -> bytes:
    """PCM16 with its audible part at LOUDNESS_RMS, without clipping."""
    samples = np.frombuffer(pcm16, "<i2").astype(np.float64)
    loud = samples[np.abs(samples) > _AUDIBLE]
    if not len(loud):
        return pcm16
    gain = min(LOUDNESS_RMS / float(np.sqrt((loud**2).mean())), _PEAK / float(np.abs(loud).max()))
    return bytes((samples * gain).astype("<i2").tobytes())
