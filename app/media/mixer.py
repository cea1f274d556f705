"""Mixing PCM16 by a matrix of who hears whom; and where relaying packets is enough.

Keys of frames and matrices are legs of any kind. A leg that the matrix does not name hears nobody.
"""

from collections.abc import Hashable, Mapping
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
    if not frames:
        return dict.fromkeys(hears, SILENT_PCM)
    speakers = tuple(frames)
    sound = np.stack([np.frombuffer(frames[s], "<i2") for s in speakers]).astype(np.int32)
    mixed: dict[Leg, bytes] = {}
    for listener, heard in hears.items():
        was = heard if before is None else before.get(listener, frozenset())
        total = _sum(sound, _rows(speakers, heard))
        if was != heard:
            old = _sum(sound, _rows(speakers, was))
            total = (old + (total - old) * _RAMP).astype(np.int32)
        mixed[listener] = total.clip(-32768, 32767).astype("<i2").tobytes()
    return mixed


def _rows(speakers: tuple[Leg, ...], heard: frozenset[Leg]) -> list[int]:
    return [n for n, speaker in enumerate(speakers) if speaker in heard]


def _sum(sound: NDArray[np.int32], rows: list[int]) -> NDArray[np.int32]:
    total: NDArray[np.int32] = sound[rows].sum(axis=0, dtype=np.int32)
    return total


def added(tracks: list[bytes]) -> bytes:
    """Tracks of equal length as one, cut off at full scale; one track is given back as it is."""
    if len(tracks) == 1:
        return tracks[0]
    total = np.frombuffer(tracks[0], "<i2").astype(np.int32)
    for track in tracks[1:]:
        total += np.frombuffer(track, "<i2")
    return total.clip(-32768, 32767).astype("<i2").tobytes()
