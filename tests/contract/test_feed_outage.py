"""The feed over a real Redis that is quiet, stopped, started again and frozen."""

import asyncio
import logging
import signal
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.adapters.feed.feed_redis import RedisFeed
from app.service.away import FeedAway
from app.service.notices import FeedItem, Notice, NoticeKind
from tests.support.servers import RedisServer

KEPT = 50


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    made = RedisServer(tmp_path)
    made.start("--appendonly", "yes", "--appendfsync", "always")
    yield made
    made.stop()


@pytest.fixture
async def feed(server: RedisServer) -> AsyncIterator[RedisFeed]:
    made = RedisFeed(server.url, f"test:{uuid.uuid4().hex}", kept=KEPT)
    yield made
    await made.close()


class Reader:
    """One screen: everything that comes, in order."""

    def __init__(self, feed: RedisFeed, after: int) -> None:
        self.items: list[FeedItem | None] = []
        self._task = asyncio.create_task(self._read(feed, after))

    async def _read(self, feed: RedisFeed, after: int) -> None:
        async for item in feed.subscribe(after):
            self.items.append(item)

    def numbers(self) -> list[int]:
        return [item.notice.user_id for item in self.items if item is not None]

    async def has(self, *numbers: int, seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while self.numbers()[-len(numbers):] != list(numbers):
                assert not self._task.done(), "the subscription has ended"
                await asyncio.sleep(0.02)

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _say(feed: RedisFeed, number: int) -> None:
    feed.publish(Notice(NoticeKind.CALL, f"c{number}", number))


async def test_after_a_long_quiet_a_notice_is_heard(feed: RedisFeed) -> None:
    """Longer than the library's own time-out of a read (5 s) and than one wait for news (4 s)."""
    readers = [Reader(feed, await feed.last_seq()) for _ in range(3)]
    await asyncio.sleep(7)
    _say(feed, 1)
    for reader in readers:
        await reader.has(1, seconds=2)
        assert None not in reader.items
        await reader.close()


async def test_more_screens_than_the_librarys_pool_holds(feed: RedisFeed) -> None:
    start = await feed.last_seq()
    readers = [Reader(feed, start) for _ in range(150)]
    await asyncio.sleep(0.5)
    _say(feed, 7)
    for reader in readers:
        await reader.has(7)
        await reader.close()


async def test_a_redis_that_comes_back_as_it_was_is_gone_on_with(
    feed: RedisFeed, server: RedisServer
) -> None:
    reader = Reader(feed, await feed.last_seq())
    _say(feed, 1)
    await reader.has(1)
    server.stop()
    for number in range(2, 8):
        began = time.monotonic()
        await asyncio.to_thread(_say, feed, number)
        assert time.monotonic() - began < 1
    with pytest.raises(FeedAway):
        await feed.last_seq()
    await asyncio.sleep(1)
    server.start("--appendonly", "yes")
    await reader.has(1, 2, 3, 4, 5, 6, 7)
    _say(feed, 8)
    await reader.has(7, 8)
    assert None not in reader.items, "nothing was lost, so no page need load anew"
    await reader.close()


async def test_a_redis_that_forgot_everything_is_a_gap(tmp_path: Path) -> None:
    server = RedisServer(tmp_path)
    server.start()
    feed = RedisFeed(server.url, kept=KEPT)
    reader = Reader(feed, await feed.last_seq())
    _say(feed, 1)
    await reader.has(1)
    before = await feed.last_seq()
    server.stop()
    await asyncio.to_thread(_say, feed, 2)
    server.start()
    await asyncio.to_thread(_say, feed, 3)
    async with asyncio.timeout(10):
        while None not in reader.items:
            await asyncio.sleep(0.02)
    await asyncio.sleep(2)
    _say(feed, 4)
    await reader.has(4)
    assert await feed.last_seq() > before + 3, "numbers rise over its loss"
    await reader.close()
    await feed.close()
    server.stop()


async def test_what_an_outage_drops_is_a_gap_and_order_stays(
    feed: RedisFeed, server: RedisServer
) -> None:
    reader = Reader(feed, await feed.last_seq())
    _say(feed, 1)
    await reader.has(1)
    server.stop()
    for number in range(2, KEPT + 22):
        await asyncio.to_thread(_say, feed, number)
    server.start("--appendonly", "yes")
    await reader.has(KEPT + 20, KEPT + 21)
    assert reader.items[1] is None and reader.items.count(None) == 1
    assert reader.numbers() == [1, *range(22, KEPT + 22)]
    await reader.close()


async def test_a_frozen_redis_holds_no_commit_up(feed: RedisFeed, server: RedisServer) -> None:
    reader = Reader(feed, await feed.last_seq())
    _say(feed, 1)
    await reader.has(1)
    server.signal(signal.SIGSTOP)
    began = time.monotonic()
    for number in range(2, 32):
        await asyncio.to_thread(_say, feed, number)
    assert time.monotonic() - began < 2
    server.signal(signal.SIGCONT)
    await reader.has(30, 31)
    heard = reader.numbers()
    assert list(dict.fromkeys(heard)) == list(range(1, 32)), "in order; the first may come twice"
    await reader.close()


async def test_an_outage_is_logged_once(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.stop()
    feed = RedisFeed(server.url, kept=KEPT)
    readers = [Reader(feed, 0) for _ in range(5)]
    for number in range(20):
        await asyncio.to_thread(_say, feed, number)
    await asyncio.sleep(2)
    server.start()
    for reader in readers:
        async with asyncio.timeout(10):
            while None not in reader.items:
                await asyncio.sleep(0.02)
    await asyncio.to_thread(_say, feed, 99)
    for reader in readers:
        await reader.has(99)
        await reader.close()
    said = [r.message for r in caplog.records if r.levelno >= logging.WARNING]
    assert len([text for text in said if "away" in text]) <= 2, said
    assert not [r for r in caplog.records if r.exc_info]
    await feed.close()
