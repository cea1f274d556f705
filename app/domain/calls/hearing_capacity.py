"""How many two-sided calls a machine can carry, by how fast its speech models hear.

A simulated queue: each side of a call speaks 40 % of the time in utterances of about 3 s; the
second pass hears one at a time, in the order in which they end.
"""

import heapq
import random
from dataclasses import dataclass
from functools import cache
from typing import Final

#: Of the time that each side speaks.
SPOKEN_SHARE: Final = 0.4
_MEAN_S, _EVENNESS = 3.0, 4.0
#: Of the work for an utterance of mean length, what it costs whatever its length (Whisper here:
#: 0.12 s and 0.092 s a second).
_FIXED = 0.3
_SIMULATED_S, _IN_TIME, _MOST_CALLS = 900.0, 0.95, 60
#: Seconds of one core that a second of a call costs besides hearing: voice, screens, storage (brain
#: and bridge of forty calls take 2.0 CPU-s a call-minute, of which 48 s of speech at 0.029).
OTHER_WORK: Final = (2.0 - 60 * 2 * SPOKEN_SHARE * 0.029) / 60
#: How much of all cores may be busy while voices stay even.
BUSY_AT_MOST: Final = 0.8


@dataclass(frozen=True, slots=True)
class Speed:
    """Of a speech model on this machine, for a second of speech: ``wall`` seconds that pass,
    ``cpu`` seconds of all cores."""

    wall: float
    cpu: float


def calls_in_time(factor: float, limit_s: float) -> int:
    """Two-sided calls at once of which 95 of 100 utterances are heard again within ``limit_s`` of
    their end, where a second of speech takes ``factor`` seconds."""
    return _calls_in_time(round(factor, 3), limit_s)


@cache
def _calls_in_time(factor: float, limit_s: float) -> int:
    most = min(_MOST_CALLS, int(1 / max(factor * 2 * SPOKEN_SHARE, 1e-9)))
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if _share_in_time(middle, factor, limit_s) >= _IN_TIME:
            low = middle
        else:
            high = middle - 1
    return low


def _share_in_time(calls: int, factor: float, limit_s: float) -> float:
    ends = _utterances(calls)
    free_at, in_time, total = 0.0, 0, len(ends)
    while ends:
        end, length = heapq.heappop(ends)
        work = factor * (_FIXED * _MEAN_S + (1 - _FIXED) * length)
        free_at = max(free_at, end) + work
        in_time += free_at - end <= limit_s
    return in_time / max(1, total)


def _utterances(calls: int) -> list[tuple[float, float]]:
    """End and length of each, as a heap; the same for the same number of calls."""
    chance = random.Random(calls)
    found = []
    quiet_s = _MEAN_S * (1 - SPOKEN_SHARE) / SPOKEN_SHARE
    for _ in range(2 * calls):
        now = chance.uniform(0, 2 * _MEAN_S)
        while now < _SIMULATED_S:
            length = chance.gammavariate(_EVENNESS, _MEAN_S / _EVENNESS)
            found.append((now + length, length))
            now += length + chance.expovariate(1 / quiet_s)
    heapq.heapify(found)
    return found


def calls_by_cpu(cores: int, first: Speed, second: Speed | None) -> int:
    """Two-sided calls at once that all cores together can work for."""
    spoken = 2 * SPOKEN_SHARE
    a_call = OTHER_WORK + spoken * (first.cpu + (second.cpu if second is not None else 0.0))
    return int(cores * BUSY_AT_MOST / a_call)
