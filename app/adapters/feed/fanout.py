"""Hands numbered notices to those who asked for their topics, from any thread."""

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import Self

from app.service.notices import FeedItem, Topic

#: A subscriber that lets this many notices lie has lost its place and begins anew.
MAILBOX = 2_000

Heard = Callable[[FeedItem | None], None]


class Fanout:
    """The last ``kept`` notices, their subscribers by topic, and what listens to all of them."""

    def __init__(self, newest: int, kept: int, mailbox: int = MAILBOX) -> None:
        self.newest = newest
        self.mailbox = mailbox
        self.lock = threading.RLock()
        self._items: deque[FeedItem] = deque(maxlen=kept)
        self._by_topic: defaultdict[Topic | None, set[Mailbox]] = defaultdict(set)
        self._listeners: list[Heard] = []

    def listen(self, heard: Heard) -> None:
        with self.lock:
            self._listeners.append(heard)

    def put(self, items: Sequence[FeedItem]) -> None:
        """In the order of numbers: all to the listeners first, then to the mailboxes of their
        topics. Nobody reads a mailbox meanwhile."""
        with self.lock:
            for item in items:
                self._items.append(item)
                self.newest = item.seq
                for heard in self._listeners:
                    heard(item)
            for item in items:
                for box in self._subscribers(item):
                    box.put(item)

    def lose(self, newest: int) -> None:
        """Notices are gone for good: everybody begins anew after ``newest``."""
        with self.lock:
            self._items.clear()
            self.newest = newest
            for heard in self._listeners:
                heard(None)
            for box in set().union(*self._by_topic.values()):
                box.lose(newest)

    def _subscribers(self, item: FeedItem) -> set["Mailbox"]:
        found = set(self._by_topic.get(None, ()))
        for topic in item.notice.topics:
            found |= self._by_topic.get(topic, set())
        return found

    def gap(self, after: int) -> bool:
        """Whether some of what came after a number is gone, or the number is none of ours."""
        oldest = self._items[0].seq if self._items else self.newest + 1
        return after + 1 < oldest or after > self.newest

    def after(self, seq: int, topics: frozenset[Topic] | None) -> list[FeedItem]:
        """What is kept of some topics (None: of all) after a number, in order."""
        found = []
        for item in reversed(self._items):
            if item.seq <= seq:
                break
            if topics is None or not topics.isdisjoint(item.notice.topics):
                found.append(item)
        return found[::-1]

    def enter(self, box: "Mailbox", topics: frozenset[Topic] | None) -> None:
        for topic in topics if topics is not None else (None,):
            self._by_topic[topic].add(box)

    def leave(self, box: "Mailbox", topics: frozenset[Topic] | None) -> None:
        for topic in topics if topics is not None else (None,):
            self._by_topic[topic].discard(box)
            if not self._by_topic[topic]:
                del self._by_topic[topic]


class Mailbox:
    """One subscriber's place in the feed (see the Subscription port). Made on an event loop."""

    def __init__(self, fanout: Fanout, after: int, topics: Iterable[Topic] | None) -> None:
        self._fanout = fanout
        self._topics = frozenset(topics) if topics is not None else None
        self._loop = asyncio.get_running_loop()
        self._filled = asyncio.Event()
        self._queue: deque[FeedItem] = deque()
        with fanout.lock:
            self._lost = fanout.gap(after)
            self._cursor = fanout.newest if self._lost else after
            self._refill()
            fanout.enter(self, self._topics)

    def put(self, item: FeedItem) -> None:
        """Called by the fanout, under its lock."""
        if item.seq <= self._cursor:
            return
        if len(self._queue) >= self._fanout.mailbox:
            self.lose(item.seq - 1)
        self._queue.append(item)
        self._wake()

    def lose(self, newest: int) -> None:
        """What it has not read is gone; it goes on after this number."""
        self._lost, self._cursor = True, newest
        self._queue.clear()
        self._wake()

    def _wake(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._filled.set)

    def _refill(self) -> None:
        self._queue = deque(self._fanout.after(self._cursor, self._topics))
        if len(self._queue) > self._fanout.mailbox:
            self.lose(self._fanout.newest)

    @property
    def position(self) -> int:
        with self._fanout.lock:
            idle = not self._queue and not self._lost
            return max(self._cursor, self._fanout.newest) if idle else self._cursor

    def follow(self, topics: Iterable[Topic]) -> None:
        with self._fanout.lock:
            self._fanout.leave(self, self._topics)
            self._topics = frozenset(topics)
            self._fanout.enter(self, self._topics)
            self._refill()
            self._filled.set()

    def ready(self) -> list[FeedItem]:
        with self._fanout.lock:
            if self._lost or not self._queue:
                return []
            items, self._queue = list(self._queue), deque()
            self._cursor = items[-1].seq
            return items

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> FeedItem | None:
        while True:
            with self._fanout.lock:
                if self._lost:
                    self._lost = False
                    return None
                if self._queue:
                    item = self._queue.popleft()
                    self._cursor = item.seq
                    return item
                self._filled.clear()
            await self._filled.wait()

    async def aclose(self) -> None:
        with self._fanout.lock:
            self._fanout.leave(self, self._topics)
