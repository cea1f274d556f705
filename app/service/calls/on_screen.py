"""What is kept of calls while they are on screens."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
#: Calls that are kept; the one that was not looked at for longest goes first.
KEPT = 256
#: A call that nobody has looked at for so long (seconds) is over, or nothing happens in it; each
#: minute of talk is some 100 kB.
FORGOTTEN_AFTER_S = 120.0


class OnScreen(Generic[T]):
    """Something of each call, made by ``make``. Not thread-safe: whoever has it has a lock."""

    def __init__(
        self, make: Callable[[], T], kept: int = KEPT, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._make, self._most, self._clock = make, kept, clock
        self._calls: OrderedDict[str, tuple[float, T]] = OrderedDict()

    def look(self, call_id: str) -> T:
        """What is kept of a call, made where there is nothing; what is forgotten goes."""
        now = self._clock()
        found = self._calls.pop(call_id)[1] if call_id in self._calls else self._make()
        self._calls[call_id] = (now, found)
        while len(self._calls) > self._most or self._oldest < now - FORGOTTEN_AFTER_S:
            self._calls.popitem(last=False)
        return found

    @property
    def _oldest(self) -> float:
        return next(iter(self._calls.values()))[0]

    def find(self, call_id: str) -> T | None:
        """What is kept of a call; looks at nothing."""
        return self._calls[call_id][1] if call_id in self._calls else None

    def drop(self, call_id: str) -> None:
        self._calls.pop(call_id, None)

    def clear(self) -> None:
        self._calls.clear()

    def __iter__(self) -> Iterator[T]:
        return (found for _, found in self._calls.values())

    def __len__(self) -> int:
        return len(self._calls)
