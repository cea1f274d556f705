"""How a simulated caller speaks, and over what: pace and pitch, level, echo, noise, lost packets.

Applied to finished sentences (PCM16 at 8000 Hz); the voice itself knows nothing of it.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.media.g711 import RATE_HZ
from app.media.pace import at_pace

Samples = NDArray[np.floating[Any]]
_TOP = 32767
_HASTY, _SLOW, _DEEPER = 1.3, 0.85, 0.88
_QUIET_DB, _OVERDRIVEN_DB = -20.0, 12.0
_ECHO_S, _ECHO_DB = 0.12, -12.0
_ROOM_S, _ROOM_DB = 20, -14.0
#: The share of packets that never arrive.
_LOST = 0.03


def _samples(pcm16: bytes) -> Samples:
    return np.frombuffer(pcm16, "<i2").astype(np.float64)


def _pcm16(samples: Samples) -> bytes:
    return bytes(np.clip(samples, -_TOP, _TOP).astype("<i2").tobytes())


def _gain(decibels: float) -> float:
    return float(10 ** (decibels / 20))


def _old(pcm16: bytes) -> bytes:
    """Deeper, pitch and formants together, and slower."""
    samples = _samples(pcm16)
    at = np.arange(0, max(0, len(samples) - 1), _DEEPER)
    deeper = np.interp(at, np.arange(len(samples)), samples) if len(samples) else samples
    return at_pace(_pcm16(deeper), _SLOW / _DEEPER)


def _clipped(pcm16: bytes) -> bytes:
    """Driven over the top of what the line carries."""
    return _pcm16(overdriven(_samples(pcm16), _OVERDRIVEN_DB))


def _echo(pcm16: bytes) -> bytes:
    """A bare room: everything once more, a little later."""
    return _pcm16(echoed(_samples(pcm16)))


def overdriven(samples: Samples, decibels: float) -> Samples:
    """Louder by so much, and cut off where it was loudest before."""
    most = np.abs(samples).max(initial=0.0)
    found: Samples = np.clip(samples * _gain(decibels), -most, most)
    return found


def echoed(samples: Samples) -> Samples:
    """With one echo, which is heard after the end too."""
    late = int(_ECHO_S * RATE_HZ)
    found = np.append(samples, np.zeros(late, samples.dtype))
    found[late:] += found[:-late].copy() * _gain(_ECHO_DB)
    return found


_SPOKEN: Mapping[str, Callable[[bytes], bytes]] = {
    "hasty": lambda pcm16: at_pace(pcm16, _HASTY),
    "old": _old,
    "quiet": lambda pcm16: _pcm16(_samples(pcm16) * _gain(_QUIET_DB)),
    "clipped": _clipped,
    "echo": _echo,
}
_ROOMS = ("noise", "street")
_LINES = ("lossy",)
NAMES = (*_SPOKEN, *_ROOMS, *_LINES)


def spoken(pcm16: bytes, names: Iterable[str]) -> bytes:
    """A sentence as it is said under these conditions."""
    for name in names:
        pcm16 = _SPOKEN[name](pcm16) if name in _SPOKEN else pcm16
    return pcm16


def room(speech: bytes, names: Iterable[str]) -> bytes:
    """The room around such speech, to be looped under a whole call; empty for a quiet one."""
    wanted, samples = set(names) & set(_ROOMS), _samples(speech)
    if not wanted or not len(samples):
        return b""
    return surroundings(samples, _ROOM_DB, rumble="street" in wanted)


def surroundings(speech: Samples, decibels: float, *, rumble: bool, seed: int = 1) -> bytes:
    """PCM16 of noise, white or a rumble, as loud as the speech and so much."""
    sound = np.random.default_rng(seed).standard_normal(_ROOM_S * RATE_HZ)
    if rumble:
        sound = np.cumsum(sound)
        sound -= np.convolve(sound, np.ones(400) / 400, "same")
    level = np.sqrt((speech**2).mean()) * _gain(decibels)
    return _pcm16(sound / sound.std() * level)


def lost_share(names: Iterable[str]) -> float:
    """Of the caller's packets, 0 to 1."""
    return _LOST if "lossy" in set(names) else 0.0
