"""Clocks that a test sets forward."""

from datetime import datetime, timedelta

from app.service.ports import Clock


class LaterClock:
    """Another clock, some time on: ``ahead``."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self.ahead = clock, timedelta()

    def now(self) -> datetime:
        return self._clock.now() + self.ahead

    def local(self) -> datetime:
        return self._clock.local() + self.ahead
