"""What can be said of a sound without hearing it."""

import numpy as np

from app.media.g711 import RATE_HZ


def pitch_hz(pcm16: bytes) -> float:
    """The commonest pitch of the voiced stretches, by autocorrelation."""
    samples, found = np.frombuffer(pcm16, "<i2").astype(float), []
    for at in range(0, len(samples) - 400, 200):
        frame = samples[at : at + 400]
        if np.sqrt((frame**2).mean()) > 1000:
            likeness = np.correlate(frame, frame, "full")[399:]
            lag = 20 + int(likeness[20:110].argmax())
            if likeness[lag] > 0.5 * likeness[0]:
                found.append(RATE_HZ / lag)
    return float(np.median(found))
