"""The feed in memory and in Redis keep the same promises."""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import AsyncIterator

import pytest

from app.adapters.feed.feed_memory import MemoryFeed
from app.adapters.feed.feed_redis import RedisFeed
from app.service.ports import Feed, FeedItem, Notice

KEPT = 300


@pytest.fixture(params=["memory", "redis"])
async def feed(request: pytest.FixtureRequest) -> AsyncIterator[Feed]:
    if request.param == "memory":
        yield MemoryFeed(kept=KEPT)
        return
    url = request.getfixturevalue("redis_url")
    made = RedisFeed(url, f"test:{uuid.uuid4().hex}", kept=KEPT)
    yield made
    await made.close()


async def _take(feed: Feed, after: int, count: int) -> list[FeedItem | None]:
    found: list[FeedItem | None] = []
    stream = feed.subscribe(after)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            async for item in stream:
                found.append(item)
                if len(found) == count:
                    break
    await stream.aclose()  # type: ignore[attr-defined]
    return found


async def test_what_comes_after_a_number_comes_once_in_order(feed: Feed) -> None:
    start = await feed.last_seq()
    for n in range(10):
        feed.publish(Notice("call", f"c{n}", n, {"text": "停机"}))
    items = await _take(feed, start, 10)
    assert [i.notice.user_id for i in items if i] == list(range(10))
    assert [i.seq for i in items if i] == list(range(start + 1, start + 11))
    assert items[3] is not None and items[3].notice == Notice("call", "c3", 3, {"text": "停机"})
    later = await _take(feed, start + 7, 3)
    assert [i.notice.user_id for i in later if i] == [7, 8, 9]
    assert await feed.last_seq() == start + 10


async def test_subscribers_hear_what_is_published_later_from_any_thread(feed: Feed) -> None:
    start = await feed.last_seq()
    waiting = [asyncio.create_task(_take(feed, start, 20)) for _ in range(3)]
    await asyncio.sleep(0.2)

    def publish() -> None:
        for n in range(20):
            feed.publish(Notice("partial", data={"n": n}))

    thread = threading.Thread(target=publish)
    thread.start()
    for items in await asyncio.gather(*waiting):
        assert [i.notice.data["n"] for i in items if i] == list(range(20))
    thread.join()


async def test_publishers_in_many_threads_lose_nothing(feed: Feed) -> None:
    start = await feed.last_seq()

    def publish() -> None:
        for _ in range(25):
            feed.publish(Notice("call"))

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    items = await _take(feed, start, 200)
    assert [i.seq for i in items if i] == list(range(start + 1, start + 201))


@pytest.mark.parametrize("after", [1, 10**15])
async def test_a_gap_is_said_first(feed: Feed, after: int) -> None:
    feed.publish(Notice("call"))
    waiting = asyncio.create_task(_take(feed, after, 2))
    await asyncio.sleep(0.2)
    feed.publish(Notice("presence"))
    items = await waiting
    assert items[0] is None
    assert items[1] is not None and items[1].notice.kind == "presence"


async def test_memory_is_bounded(feed: Feed) -> None:
    start = await feed.last_seq()
    for _ in range(KEPT * 3):
        feed.publish(Notice("call"))
    items = await _take(feed, start, 1)
    assert items == [None]
