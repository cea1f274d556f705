"""Answers that change seldom, asked for again only after a while."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """What ``read`` answered, for ``seconds``. Thread-safe; blocks where it asks."""

    def __init__(
        self, read: Callable[[], T], seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._seconds, self._clock = read, seconds, clock
        self._lock = threading.Lock()
        self._known: tuple[float, T] | None = None

    def __call__(self) -> T:
        with self._lock:
            now = self._clock()
            if self._known is None or now - self._known[0] >= self._seconds:
                self._known = (now, self._read())
            return self._known[1]
