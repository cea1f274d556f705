"""The feed in Redis Streams, for several brains."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import redis
import redis.asyncio

from app.service.ports import FeedItem, Notice

KEPT = 20_000
_BLOCK_MS = 5000
#: One atomic step: take the next number and append under it, so that numbers are in stream order.
_APPEND = """
local seq = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], seq .. '-0', 'n', ARGV[1])
return seq
"""


class RedisFeed:
    """Stream entry ids are the numbers themselves. A fresh stream begins at the time in ms."""

    def __init__(self, url: str, name: str = "holdline:feed", kept: int = KEPT) -> None:
        self._writer = redis.Redis.from_url(url)
        self._reader = redis.asyncio.Redis.from_url(url)
        self._stream, self._counter, self._kept = name, f"{name}:seq", kept
        self._writer.set(self._counter, int(time.time() * 1000), nx=True)
        self._append = self._writer.register_script(_APPEND)

    def publish(self, notice: Notice) -> None:
        body = {"kind": notice.kind, "call": notice.call_id, "user": notice.user_id,
                "data": notice.data}  # fmt: skip
        text = json.dumps(body, ensure_ascii=False)
        self._append(keys=[self._stream, self._counter], args=[text, self._kept])

    async def last_seq(self) -> int:
        return int(await self._reader.get(self._counter) or 0)

    async def _gap(self, after: int) -> bool:
        newest = await self.last_seq()
        oldest = await self._reader.xrange(self._stream, count=1)
        first = _seq(oldest[0][0]) if oldest else newest + 1
        return after + 1 < first or after > newest

    async def subscribe(self, after: int) -> AsyncIterator[FeedItem | None]:
        if await self._gap(after):
            yield None
            after = await self.last_seq()
        while True:
            found: Any = await self._reader.xread(
                {self._stream: f"{after}-0"}, count=200, block=_BLOCK_MS
            )
            for entry_id, fields in _entries(found):
                after = _seq(entry_id)
                yield FeedItem(after, _notice(fields[b"n"]))

    async def close(self) -> None:
        await self._reader.aclose()
        self._writer.close()


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
