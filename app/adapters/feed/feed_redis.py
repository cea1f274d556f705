"""The feed in Redis Streams, for several brains.

Redis may go away and come back: publishing never fails and never waits for long (what cannot be
sent is kept in order and sent later), and a subscription goes on from its last number.
"""

import asyncio
import json
import logging
import random
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.service.away import FeedAway
from app.service.ports import FeedItem, Notice

log = logging.getLogger(__name__)
KEPT = 20_000
#: How long a read waits for news. Its time-out is longer: it ends only a read over a connection
#: that died without a word, never one in a quiet hour. It is ours, not the socket's: with that
#: one redis-py sends within wait_for, which in Python 3.11 may swallow the end of a task.
_BLOCK_MS = 4000
_READ_TIMEOUT_S = 9.0
#: The most that a commit waits for Redis, once an outage.
_WRITE_TIMEOUT_S = 0.5
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.1, 2.0
#: A connection a live screen.
_MOST_READERS = 10_000
#: TimeoutError is an OSError.
_FAULTS = (redis.RedisError, OSError)
#: One atomic step: take the next number and append under it, so that numbers are in stream order.
#: Numbers jump where notices were dropped (ARGV 5) or where Redis has forgotten some (its counter
#: is below ARGV 4, the newest number known here; then it begins anew at the time, ARGV 3): whoever
#: reads on sees the gap.
_APPEND = """
local seq = tonumber(redis.call('GET', KEYS[2]) or '0')
if seq < tonumber(ARGV[4]) or seq == 0 then
  seq = math.max(tonumber(ARGV[3]), tonumber(ARGV[4]) + 1)
end
local text = string.format('%.0f', seq + tonumber(ARGV[5]) + 1)
redis.call('SET', KEYS[2], text)
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], text .. '-0', 'n', ARGV[1])
return text
"""


class _Outage:
    """Says once that Redis went away, and once that it is back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_away = False

    @property
    def patience_s(self) -> float:
        """How long a page waits for an answer: hardly, while everybody knows that none comes."""
        return _WRITE_TIMEOUT_S if self._is_away else _LONGEST_WAIT_S

    def note(self, fault: Exception | None) -> None:
        with self._lock:
            before, self._is_away = self._is_away, fault is not None
        if fault is not None and not before:
            log.error("the live feed's Redis is away (%s): trying again", type(fault).__name__)
        if fault is None and before:
            log.warning("the live feed's Redis is back")


class _Publisher:
    """Sends notices in each thread's order; those of an outage wait, the oldest are dropped."""

    def __init__(self, url: str, stream: str, counter: str, kept: int, outage: _Outage) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=_WRITE_TIMEOUT_S, socket_connect_timeout=_WRITE_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )  # fmt: skip
        self._append = self._redis.register_script(_APPEND)
        self._keys, self._kept, self._outage = [stream, counter], kept, outage
        self._known = self._dropped = 0
        self._waiting: deque[str] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._catching_up: threading.Thread | None = None

    def publish(self, text: str) -> None:
        """At once, or later where Redis is away. Never raises."""
        with self._lock:
            if self._catching_up is not None:
                self._keep(text)
                return
        try:
            self._send(text, 0)
        except _FAULTS as fault:
            self._outage.note(fault)
            with self._lock:
                self._keep(text)
                self._catch_up()

    def _send(self, text: str, dropped: int) -> None:
        now_ms = int(time.time() * 1000)
        seq = self._append(
            keys=self._keys, args=[text, self._kept, now_ms, self._known, dropped]
        )  # fmt: skip
        self.saw(int(seq))

    def saw(self, seq: int) -> None:
        """A number that was given out: no later one may be below it."""
        self._known = max(self._known, seq)

    def _keep(self, text: str) -> None:
        self._waiting.append(text)
        if len(self._waiting) > self._kept:
            self._waiting.popleft()
            self._dropped += 1

    def _catch_up(self) -> None:
        if self._catching_up is None and not self._closing.is_set():
            self._catching_up = threading.Thread(target=self._run, name="feed", daemon=True)
            self._catching_up.start()

    def _run(self) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._closing.wait(wait_s):
            try:
                if not self._send_waiting():
                    return
            except _FAULTS as fault:
                self._outage.note(fault)
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)

    def _send_waiting(self) -> bool:
        """The oldest notices first, until none waits: then False, and the next go out directly."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._catching_up = None
                    self._outage.note(None)
                    return False
                text, dropped = self._waiting[0], self._dropped
            self._send(text, dropped)
            with self._lock:
                self._dropped -= dropped
                if self._waiting and self._waiting[0] is text:
                    self._waiting.popleft()

    def close(self) -> None:
        self._closing.set()
        thread = self._catching_up
        if thread is not None:
            thread.join(2 * _WRITE_TIMEOUT_S)
        self._redis.close()


@dataclass(slots=True)
class _Position:
    """How far a subscription has come; ``is_sure`` is false where some may have been missed."""

    after: int
    is_sure: bool = False


class RedisFeed:
    """Stream entry ids are the numbers themselves. A fresh stream begins at the time in ms."""

    def __init__(self, url: str, name: str = "holdline:feed", kept: int = KEPT) -> None:
        self._stream, self._counter = name, f"{name}:seq"
        self._outage = _Outage()
        self._publisher = _Publisher(url, self._stream, self._counter, kept, self._outage)
        self._reader = redis.asyncio.Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=_LONGEST_WAIT_S,
            retry=AsyncRetry(NoBackoff(), 1, (redis.ConnectionError,)),
            max_connections=_MOST_READERS,
        )  # fmt: skip

    def publish(self, notice: Notice) -> None:
        body = {"kind": notice.kind, "call": notice.call_id, "user": notice.user_id,
                "data": notice.data}  # fmt: skip
        self._publisher.publish(json.dumps(body, ensure_ascii=False))

    async def last_seq(self) -> int:
        try:
            async with asyncio.timeout(self._outage.patience_s):
                return await self._newest()
        except _FAULTS as fault:
            self._outage.note(fault)
            raise FeedAway from fault

    async def _newest(self) -> int:
        found = await self._reader.get(self._counter)
        if found is None:
            await self._reader.set(self._counter, int(time.time() * 1000), nx=True)
            found = await self._reader.get(self._counter)
        return int(found or 0)

    async def _has_gap(self, after: int) -> bool:
        newest = await self._newest()
        oldest = await self._reader.xrange(self._stream, count=1)
        first = _seq(oldest[0][0]) if oldest else newest + 1
        return after + 1 < first or after > newest

    async def subscribe(self, after: int) -> AsyncIterator[FeedItem | None]:
        at, wait_s = _Position(after), _FIRST_WAIT_S
        while True:
            try:
                async with asyncio.timeout(_READ_TIMEOUT_S):
                    items = await self._read(at)
            except _FAULTS as fault:
                self._outage.note(fault)
                at.is_sure = False
                await asyncio.sleep(wait_s * (1 + random.random()))  # not all together
                wait_s = min(_LONGEST_WAIT_S, wait_s * 2)
                continue
            wait_s = _FIRST_WAIT_S
            for item in items:
                yield item

    async def _read(self, at: _Position) -> list[FeedItem | None]:
        """What comes next, None where something before it is gone; waits for at most _BLOCK_MS."""
        if not at.is_sure:
            has_gap = await self._has_gap(at.after)
            at.is_sure = True
            self._outage.note(None)
            if has_gap:
                at.after = await self._newest()
                return [None]
        since = {self._stream: f"{at.after}-0"}
        items: list[FeedItem | None] = []
        for entry_id, fields in _entries(
            await self._reader.xread(since, count=200, block=_BLOCK_MS)  # type: ignore[arg-type]
        ):
            if _seq(entry_id) != at.after + 1:
                items.append(None)
            at.after = _seq(entry_id)
            items.append(FeedItem(at.after, _notice(fields[b"n"])))
        self._publisher.saw(at.after)
        return items

    async def close(self) -> None:
        await self._reader.aclose()
        await asyncio.to_thread(self._publisher.close)


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


def _notice(text: bytes) -> Notice:
    body = json.loads(text)
    return Notice(body["kind"], body["call"], body["user"], body["data"])
