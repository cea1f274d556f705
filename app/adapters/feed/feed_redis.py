"""The feed in Redis Streams, for several brains: each reads the stream once for all its screens.

Redis may go away and come back: subscriptions go on from their last number.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Self

import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.adapters.feed.fanout import MAILBOX, Fanout, Heard, Mailbox
from app.adapters.feed.redis_publisher import (
    FAULTS,
    FIRST_WAIT_S,
    LONGEST_WAIT_S,
    Outage,
    Publisher,
)
from app.service.away import FeedAway
from app.service.notices import FeedItem, Notice, NoticeKind, Topic

KEPT = 20_000
#: How long a read waits for news. Its time-out is longer: it ends only a read over a connection
#: that died without a word, never one in a quiet hour. It is ours, not the socket's: with that
#: one redis-py sends within wait_for, which in Python 3.11 may swallow the end of a task.
_BLOCK_MS = 4000
_READ_TIMEOUT_S = 9.0
_PAGE = 1000


class RedisFeed:
    """Stream entry ids are the numbers themselves. A fresh stream begins at the time in ms."""

    def __init__(
        self, url: str, name: str = "holdline:feed", kept: int = KEPT, mailbox: int = MAILBOX
    ) -> None:
        self._stream, self._counter = name, f"{name}:seq"
        self._outage = Outage()
        self._publisher = Publisher(url, self._stream, self._counter, kept, self._outage)
        self._reader = redis.asyncio.Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=LONGEST_WAIT_S,
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )  # fmt: skip
        self._fanout = Fanout(0, kept, mailbox)
        self._pump: asyncio.Task[None] | None = None
        self._begun, self._read_more = asyncio.Event(), asyncio.Event()

    def publish(self, *notices: Notice) -> None:
        self._publisher.publish([_text(notice) for notice in notices])

    async def last_seq(self) -> int:
        try:
            async with asyncio.timeout(self._outage.patience_s):
                return await self._newest()
        except FAULTS as fault:
            self._outage.note(fault)
            raise FeedAway from fault

    async def _newest(self) -> int:
        found = await self._reader.get(self._counter)
        if found is None:
            await self._reader.set(self._counter, int(time.time() * 1000), nx=True)
            found = await self._reader.get(self._counter)
        return int(found or 0)

    def listen(self, heard: Heard) -> None:
        self._fanout.listen(heard)

    def subscribe(self, after: int, topics: Iterable[Topic] | None = None) -> "RedisSubscription":
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._read_for_ever())
        return RedisSubscription(self, after, topics)

    async def open(self, after: int, topics: Iterable[Topic] | None) -> Mailbox:
        """A place in what this brain has read, once it has read up to now."""
        await self._begun.wait()
        while self._fanout.newest < after <= await self._newest_waited_for():
            self._read_more.clear()
            if self._fanout.newest < after:
                await self._read_more.wait()
        return Mailbox(self._fanout, after, topics)

    async def _newest_waited_for(self) -> int:
        """The newest number; an outage is waited for."""
        while True:
            with contextlib.suppress(FeedAway):
                return await self.last_seq()
            await asyncio.sleep(FIRST_WAIT_S)

    async def _read_for_ever(self) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                await self._catch_up()
                self._outage.note(None)
                wait_s = FIRST_WAIT_S
                self._begun.set()
                while True:
                    await self._read_on()
            except FAULTS as fault:
                self._outage.note(fault)
                await asyncio.sleep(wait_s * (1 + random.random()))  # brains not all together
                wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    async def _catch_up(self) -> None:
        """What the stream holds and this brain does not; where it begins later, or is another one
        (a lower number), subscribers are told that notices are gone."""
        async with asyncio.timeout(_READ_TIMEOUT_S):
            newest = await self._newest()
            oldest = await self._reader.xrange(self._stream, count=1)
        first = _seq(oldest[0][0]) if oldest else newest + 1
        known = self._fanout.newest
        if known + 1 < first or known > newest:
            self._fanout.lose(first - 1)
        while self._fanout.newest < newest:
            since = f"({self._fanout.newest}-0"
            async with asyncio.timeout(_READ_TIMEOUT_S):
                page: Any = await self._reader.xrange(self._stream, min=since, count=_PAGE)
            if not page:
                break
            self._take(page)

    async def _read_on(self) -> None:
        since: Any = {self._stream: f"{self._fanout.newest}-0"}
        async with asyncio.timeout(_READ_TIMEOUT_S):
            found = await self._reader.xread(since, count=200, block=_BLOCK_MS)
        self._take(_entries(found))

    def _take(self, entries: Iterable[Any]) -> None:
        """Hand entries on; a number that was left out means that notices before it are gone."""
        run: list[FeedItem] = []
        for entry_id, fields in entries:
            seq, notice = _seq(entry_id), _notice(fields[b"n"])
            if seq != self._fanout.newest + len(run) + 1:
                self._fanout.put(run)
                run = []
                self._fanout.lose(seq - 1)
            run.append(FeedItem(seq, notice))
        self._fanout.put(run)
        self._publisher.saw(self._fanout.newest)
        self._read_more.set()

    async def close(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        await self._reader.aclose()
        await asyncio.to_thread(self._publisher.close)


class RedisSubscription:
    """A mailbox that begins once this brain has read the stream (see the Subscription port)."""

    def __init__(self, feed: RedisFeed, after: int, topics: Iterable[Topic] | None) -> None:
        self._feed, self._after = feed, after
        self._topics = frozenset(topics) if topics is not None else None
        self._box: Mailbox | None = None

    @property
    def position(self) -> int:
        return self._box.position if self._box is not None else self._after

    def follow(self, topics: Iterable[Topic]) -> None:
        self._topics = frozenset(topics)
        if self._box is not None:
            self._box.follow(self._topics)

    def ready(self) -> list[FeedItem]:
        return self._box.ready() if self._box is not None else []

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> FeedItem | None:
        if self._box is None:
            self._box = await self._feed.open(self._after, self._topics)
        return await self._box.__anext__()

    async def aclose(self) -> None:
        if self._box is not None:
            await self._box.aclose()


def _entries(found: Any) -> list[Any]:
    """The entries of one stream: a list of pairs in RESP2, a mapping in RESP3."""
    if not found:
        return []
    if isinstance(found, dict):
        batches = next(iter(found.values()))
        return [entry for batch in batches for entry in batch]
    return list(found[0][1])


def _seq(entry_id: Any) -> int:
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    return int(text.partition("-")[0])


def _text(notice: Notice) -> str:
    body = {name: value for name, value in asdict(notice).items() if value}
    return json.dumps(body | {"parts": sorted(notice.parts)}, ensure_ascii=False)


def _notice(text: bytes) -> Notice:
    """A kind that this version does not know (a newer brain beside this one) concerns nobody."""
    body = json.loads(text)
    try:
        kind = NoticeKind(body.pop("kind"))
        return Notice(kind, **body | {"parts": frozenset(body["parts"])})
    except (ValueError, TypeError, KeyError):
        return Notice(NoticeKind.UNKNOWN)
