"""The feed in Redis Streams, for several brains: each reads the stream once for all its screens."""

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Self

import redis
import redis.asyncio

from app.adapters.feed.fanout import MAILBOX, Fanout, Heard, Mailbox
from app.service.notices import FeedItem, Notice, NoticeKind, Topic

log = logging.getLogger(__name__)

KEPT = 20_000
_BLOCK_MS = 5000
_AGAIN_S = 1.0
_PAGE = 1000
#: One atomic step: take the next numbers and append under them, so that they are in stream order.
_APPEND = """
for at = 2, #ARGV do
  local seq = redis.call('INCR', KEYS[2])
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], seq .. '-0', 'n', ARGV[at])
end
"""


class RedisFeed:
    """Stream entry ids are the numbers themselves. A fresh stream begins at the time in ms."""

    def __init__(
        self, url: str, name: str = "holdline:feed", kept: int = KEPT, mailbox: int = MAILBOX
    ) -> None:
        self._writer = redis.Redis.from_url(url)
        # The read blocks for _BLOCK_MS on purpose: a time-out of the socket must not end it.
        self._reader = redis.asyncio.Redis.from_url(url, socket_timeout=None)
        self._stream, self._counter, self._kept = name, f"{name}:seq", kept
        self._writer.set(self._counter, int(time.time() * 1000), nx=True)
        self._append = self._writer.register_script(_APPEND)
        self._fanout = Fanout(0, kept, mailbox)
        self._pump: asyncio.Task[None] | None = None
        self._begun, self._read_more = asyncio.Event(), asyncio.Event()

    def publish(self, *notices: Notice) -> None:
        texts = [_text(notice) for notice in notices]
        self._append(keys=[self._stream, self._counter], args=[self._kept, *texts])

    async def last_seq(self) -> int:
        return int(await self._reader.get(self._counter) or 0)

    def listen(self, heard: Heard) -> None:
        self._fanout.listen(heard)

    def subscribe(self, after: int, topics: Iterable[Topic] | None = None) -> "RedisSubscription":
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._read_for_ever())
        return RedisSubscription(self, after, topics)

    async def open(self, after: int, topics: Iterable[Topic] | None) -> Mailbox:
        """A place in what this brain has read, once it has read up to now."""
        await self._begun.wait()
        while self._fanout.newest < after <= await self.last_seq():
            self._read_more.clear()
            if self._fanout.newest < after:
                await self._read_more.wait()
        return Mailbox(self._fanout, after, topics)

    async def _read_for_ever(self) -> None:
        while True:
            try:
                await self._catch_up()
                self._begun.set()
                while True:
                    await self._read_on()
            except (redis.RedisError, OSError) as error:
                log.warning("the feed is away, again in a while: %s", type(error).__name__)
                await asyncio.sleep(_AGAIN_S)

    async def _catch_up(self) -> None:
        """What the stream holds and this brain does not; where the stream begins later, or anew
        (a lower number), subscribers are told that notices are gone."""
        newest = await self.last_seq()
        oldest = await self._reader.xrange(self._stream, count=1)
        first = _seq(oldest[0][0]) if oldest else newest + 1
        known = self._fanout.newest
        if known + 1 < first or known > newest:
            self._fanout.lose(first - 1)
        while self._fanout.newest < newest:
            since = f"({self._fanout.newest}-0"
            page: Any = await self._reader.xrange(self._stream, min=since, count=_PAGE)
            if not page:
                break
            self._take(page)

    async def _read_on(self) -> None:
        since: Any = {self._stream: f"{self._fanout.newest}-0"}
        self._take(_entries(await self._reader.xread(since, count=200, block=_BLOCK_MS)))

    def _take(self, entries: Iterable[Any]) -> None:
        read = [(_seq(entry_id), _notice(fields[b"n"])) for entry_id, fields in entries]
        self._fanout.put([FeedItem(seq, notice) for seq, notice in read if notice is not None])
        if read:
            self._fanout.skip(read[-1][0])
        self._read_more.set()

    async def close(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        await self._reader.aclose()
        self._writer.close()


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


def _notice(text: bytes) -> Notice | None:
    """None for a kind that this version does not know (a newer brain beside this one)."""
    body = json.loads(text)
    try:
        kind = NoticeKind(body.pop("kind"))
        return Notice(kind, **body | {"parts": frozenset(body["parts"])})
    except (ValueError, TypeError, KeyError):
        return None
