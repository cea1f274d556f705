"""The feed in memory of one brain."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator

from app.service.ports import FeedItem, Notice

KEPT = 20_000


class MemoryFeed:
    """Numbers begin at the start time in milliseconds, so that they rise over restarts too."""

    def __init__(self, first_seq: int | None = None, kept: int = KEPT) -> None:
        self._seq = first_seq if first_seq is not None else int(time.time() * 1000)
        self._items: deque[FeedItem] = deque(maxlen=kept)
        self._lock = threading.Lock()
        self._waiting: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    def publish(self, notice: Notice) -> None:
        with self._lock:
            self._seq += 1
            self._items.append(FeedItem(self._seq, notice))
            waiting = list(self._waiting.items())
        for event, loop in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    async def last_seq(self) -> int:
        return self._seq

    def _since(self, after: int) -> tuple[bool, list[FeedItem]]:
        with self._lock:
            oldest = self._items[0].seq if self._items else self._seq + 1
            gap = after + 1 < oldest or after > self._seq
            if not self._items or self._items[-1].seq <= after:
                return gap, []
            start = max(0, after + 1 - oldest)
            return gap, [self._items[i] for i in range(start, len(self._items))]

    async def subscribe(self, after: int) -> AsyncIterator[FeedItem | None]:
        event = asyncio.Event()
        self._waiting[event] = asyncio.get_running_loop()
        try:
            gap, _ = self._since(after)
            if gap:
                yield None
                after = self._seq
            while True:
                event.clear()
                gap, items = self._since(after)
                if gap:
                    # slower than the notices came
                    yield None
                for item in items:
                    after = item.seq
                    yield item
                if not items:
                    await event.wait()
        finally:
            del self._waiting[event]

    async def close(self) -> None:
        """Nothing is held."""
