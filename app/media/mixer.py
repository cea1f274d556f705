"""Mixing PCM16 by a matrix of who hears whom; and where relaying packets is enough.

Keys of frames and matrices are legs of any kind. A leg that the matrix does not name hears nobody.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from app.media.g711 import FRAME_SAMPLES, SILENT_PCM

Leg = TypeVar("Leg", bound=Hashable)

#: From the old matrix (first sample) to the new one (last sample) within a frame: no click.
_RAMP = np.arange(1, FRAME_SAMPLES + 1, dtype=np.float32) / FRAME_SAMPLES


@dataclass(frozen=True, slots=True)
class Routes(Generic[Leg]):
    """How each leg gets what it hears: ``relayed`` sends a speaker's encoded packets to listeners
    that hear nobody else, ``mixed`` are the listeners that hear several."""

    relayed: Mapping[Leg, tuple[Leg, ...]]
    mixed: frozenset[Leg]


def routes(hears: Mapping[Leg, frozenset[Leg]]) -> Routes[Leg]:
    """Nothing is decoded for who hears only one: two parties are relayed both ways."""
    relayed: dict[Leg, tuple[Leg, ...]] = {}
    for listener, heard in hears.items():
        if len(heard) == 1:
            (speaker,) = heard
            relayed[speaker] = (*relayed.get(speaker, ()), listener)
    mixed = frozenset(listener for listener, heard in hears.items() if len(heard) > 1)
    return Routes(relayed, mixed)


def mix(
    frames: Mapping[Leg, bytes],
    hears: Mapping[Leg, frozenset[Leg]],
    before: Mapping[Leg, frozenset[Leg]] | None = None,
) -> dict[Leg, bytes]:
    """What each listener of ``hears`` gets to hear in one frame: the sum of those it hears.

    Sums are cut off at full scale. Where ``before``, the matrix of the frame before, says
    something else, voices come and go along a ramp of one frame. Speakers without a frame are
    silent. Frames are 320 bytes of PCM16.
    """
    if not frames or not hears:
        return dict.fromkeys(hears, SILENT_PCM)
    speakers = tuple(frames)
    # Whole numbers below 2**24 are exact in float32: some hundred voices at full scale.
    sound = np.frombuffer(b"".join(frames.values()), "<i2").reshape(len(speakers), -1)
    sound32 = sound.astype(np.float32)
    total = _gains(hears, hears, speakers) @ sound32
    if before is not None:
        old = _gains(before, hears, speakers) @ sound32
        total = old + (total - old) * _RAMP
    mixed = total.clip(-32768, 32767).astype("<i2")
    return {listener: row.tobytes() for listener, row in zip(hears, mixed, strict=True)}


def _gains(
    matrix: Mapping[Leg, frozenset[Leg]], listeners: Iterable[Leg], speakers: tuple[Leg, ...]
) -> NDArray[np.float32]:
    """A row a listener: 1 for each speaker that it hears."""
    nobody: frozenset[Leg] = frozenset()
    rows = [[s in matrix.get(listener, nobody) for s in speakers] for listener in listeners]
    return np.array(rows, np.float32)


def added(tracks: list[bytes]) -> bytes:
    """Tracks of equal length as one, cut off at full scale; one track is given back as it is."""
    if len(tracks) == 1:
        return tracks[0]
    total = np.frombuffer(tracks[0], "<i2").astype(np.int32)
    for track in tracks[1:]:
        total += np.frombuffer(track, "<i2")
    return total.clip(-32768, 32767).astype("<i2").tobytes()
