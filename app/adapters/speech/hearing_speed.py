"""How fast a speech model hears on this machine: the one way in which it is measured."""

import time
from collections.abc import Callable

from app.domain.calls.hearing_capacity import Speed
from app.media.g711 import RATE_HZ


def timed(
    hear: Callable[[bytes], object], speech: bytes, cpu: Callable[[], float] = time.process_time
) -> Speed:
    """Let it hear one piece of PCM16 at 8000 Hz twice, the first time to warm up; the speed of the
    second. ``cpu`` counts the seconds of whoever works. What ``hear`` raises is passed on."""
    seconds = len(speech) / (2 * RATE_HZ)
    hear(speech)
    began, worked = time.monotonic(), cpu()
    hear(speech)
    return Speed(wall=(time.monotonic() - began) / seconds, cpu=(cpu() - worked) / seconds)
