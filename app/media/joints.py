"""Recorded pieces of one voice put together: faded over where they meet, with pauses between."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.media.g711 import RATE_HZ

#: Samples of its neighbours that a piece brings at either edge, to be faded over.
CONTEXT = RATE_HZ // 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """PCM16 with CONTEXT at both edges; ``pause_ms`` of silence follows it."""

    pcm16: bytes
    pause_ms: int = 0


def put_together(pieces: Sequence[Piece]) -> bytes:
    """PCM16 of all of it: pieces in one phrase overlap by their context, so that none clicks."""
    length = sum(len(p.pcm16) // 2 + RATE_HZ * p.pause_ms // 1000 for p in pieces)
    line = np.zeros(length, np.float64)
    at = 0
    for piece in pieces:
        samples = _faded(np.frombuffer(piece.pcm16, "<i2").astype(np.float64))
        line[at : at + len(samples)] += samples
        pause = RATE_HZ * piece.pause_ms // 1000
        at += len(samples) + (pause or -min(2 * CONTEXT, len(samples)))
    end = at if pieces and pieces[-1].pause_ms else at + 2 * CONTEXT
    return bytes(np.clip(line[:end], -32768, 32767).astype("<i2").tobytes())


def _faded(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Both edges ramped over what two neighbours share: the ramps of both add up to one."""
    width = min(2 * CONTEXT, len(samples) // 2)
    ramp = (np.arange(width) + 0.5) / max(1, width)
    samples[:width] *= ramp
    samples[len(samples) - width :] *= ramp[::-1]
    return samples
