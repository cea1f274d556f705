"""The feed in memory and in Redis keep the same promises."""

import asyncio
import contextlib
import threading
import uuid
from collections.abc import AsyncIterator

import pytest

from app.adapters.feed.feed_memory import MemoryFeed
from app.adapters.feed.feed_redis import RedisFeed
from app.service.notices import (
    FLOOR,
    QUEUE,
    FeedItem,
    Notice,
    NoticeKind,
    Topic,
    call_topic,
    user_topic,
)
from app.service.ports import Feed, Subscription

KEPT = 300


MAILBOX = 250


@pytest.fixture(params=["memory", "redis"])
async def feed(request: pytest.FixtureRequest) -> AsyncIterator[Feed]:
    if request.param == "memory":
        yield MemoryFeed(kept=KEPT, mailbox=MAILBOX)
        return
    url = request.getfixturevalue("redis_url")
    made = RedisFeed(url, f"test:{uuid.uuid4().hex}", kept=KEPT, mailbox=MAILBOX)
    yield made
    await made.close()


async def _take(
    feed: Feed, after: int, count: int, topics: set[Topic] | None = None, patience_s: float = 5
) -> list[FeedItem | None]:
    return await _next(feed.subscribe(after, topics), count, patience_s)


async def _next(stream: Subscription, count: int, patience_s: float = 5, close: bool = True) -> list[FeedItem | None]:
    found: list[FeedItem | None] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            async for item in stream:
                found.append(item)
                if len(found) == count:
                    break
    if close:
        await stream.aclose()
    return found


async def test_what_comes_after_a_number_comes_once_in_order(feed: Feed) -> None:
    start = await feed.last_seq()
    for n in range(10):
        feed.publish(Notice(NoticeKind.CALL, f"c{n}", n, text="停机"))
    items = await _take(feed, start, 10)
    assert [i.notice.user_id for i in items if i] == list(range(10))
    assert [i.seq for i in items if i] == list(range(start + 1, start + 11))
    assert items[3] is not None and items[3].notice == Notice(NoticeKind.CALL, "c3", 3, text="停机")
    later = await _take(feed, start + 7, 3)
    assert [i.notice.user_id for i in later if i] == [7, 8, 9]
    assert await feed.last_seq() == start + 10


async def test_subscribers_hear_what_is_published_later_from_any_thread(feed: Feed) -> None:
    start = await feed.last_seq()
    waiting = [asyncio.create_task(_take(feed, start, 20)) for _ in range(3)]
    await asyncio.sleep(0.2)

    def publish() -> None:
        for n in range(20):
            feed.publish(Notice(NoticeKind.PARTIAL, subject_id=n))

    thread = threading.Thread(target=publish)
    thread.start()
    for items in await asyncio.gather(*waiting):
        assert [i.notice.subject_id for i in items if i] == list(range(20))
    thread.join()


async def test_publishers_in_many_threads_lose_nothing(feed: Feed) -> None:
    start = await feed.last_seq()

    def publish() -> None:
        for _ in range(25):
            feed.publish(Notice(NoticeKind.CALL))

    threads = [threading.Thread(target=publish) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        await asyncio.to_thread(thread.join)
    items = await _take(feed, start, 200)
    assert [i.seq for i in items if i] == list(range(start + 1, start + 201))


@pytest.mark.parametrize("after", [1, 10**15])
async def test_a_gap_is_said_first(feed: Feed, after: int) -> None:
    feed.publish(Notice(NoticeKind.CALL))
    waiting = asyncio.create_task(_take(feed, after, 2))
    await asyncio.sleep(0.2)
    feed.publish(Notice(NoticeKind.PRESENCE))
    items = await waiting
    assert items[0] is None
    assert items[1] is not None and items[1].notice.kind == "presence"


async def test_memory_is_bounded(feed: Feed) -> None:
    start = await feed.last_seq()
    for _ in range(KEPT * 3):
        feed.publish(Notice(NoticeKind.CALL))
    items = await _take(feed, start, 1)
    assert items == [None]


def _kinds(items: list[FeedItem | None]) -> list[str]:
    return [item.notice.kind if item else "reset" for item in items]


async def test_a_subscriber_hears_its_own_topics_only(feed: Feed) -> None:
    start = await feed.last_seq()
    desk = {call_topic("mine"), user_topic(7)}
    waiting = [asyncio.create_task(_take(feed, start, 3, topics)) for topics in (desk, {QUEUE}, {FLOOR})]
    await asyncio.sleep(0.1)
    feed.publish(Notice(NoticeKind.PARTIAL, "other", 8, text="我要"))
    feed.publish(Notice(NoticeKind.CALL, "other", 8))
    feed.publish(Notice(NoticeKind.PARTIAL, "mine", 7, text="太贵"))
    feed.publish(Notice(NoticeKind.PRESENCE, user_id=7))
    feed.publish(Notice(NoticeKind.CALLBACK, "gone"))
    feed.publish(Notice(NoticeKind.UTTERANCE, "mine", subject_id=3))
    feed.publish(Notice(NoticeKind.CALL, "third"))
    mine, queue, floor = await asyncio.gather(*waiting)
    assert _kinds(mine) == ["partial", "presence", "utterance"]
    assert _kinds(queue) == ["call", "callback", "call"]
    assert _kinds(floor) == ["call", "presence", "call"]


async def test_other_topics_are_followed_from_the_place_that_was_read(feed: Feed) -> None:
    """The notice that gives an agent a call comes before, or after, what is said in it: no word is lost."""
    start = await feed.last_seq()
    stream = feed.subscribe(start, {user_topic(1)})
    feed.publish(Notice(NoticeKind.PRESENCE, user_id=1))
    for n in range(5):
        feed.publish(Notice(NoticeKind.UTTERANCE, "c", subject_id=n))
    feed.publish(Notice(NoticeKind.UTTERANCE, "another", subject_id=99))
    feed.publish(Notice(NoticeKind.TASK, user_id=1))
    assert _kinds(await _next(stream, 1, close=False)) == ["presence"]
    stream.follow({user_topic(1), call_topic("c")})
    items = await _next(stream, 6, close=False)
    assert _kinds(items) == ["utterance"] * 5 + ["task"]
    assert [i.seq for i in items if i] == [start + 2, start + 3, start + 4, start + 5, start + 6, start + 8]
    stream.follow({user_topic(1)})
    feed.publish(Notice(NoticeKind.UTTERANCE, "c", subject_id=7))
    feed.publish(Notice(NoticeKind.TASK, user_id=1))
    assert _kinds(await _next(stream, 1)) == ["task"]


async def _publish_to_others(feed: Feed, count: int) -> None:
    for n in range(count):
        if n % 50 == 0:
            await asyncio.sleep(0.02)
        feed.publish(Notice(NoticeKind.CALL, "other"))


async def test_what_is_not_for_a_subscriber_is_no_gap(feed: Feed) -> None:
    """More notices of others than are kept: the place has moved with them."""
    start = await feed.last_seq()
    stream = feed.subscribe(start, {user_topic(1)})
    waiting = asyncio.create_task(_next(stream, 1, close=False))
    await _publish_to_others(feed, KEPT * 2)
    feed.publish(Notice(NoticeKind.TASK, user_id=1))
    assert _kinds(await waiting) == ["task"]
    await _publish_to_others(feed, KEPT * 2)
    while stream.position < await feed.last_seq():
        await asyncio.sleep(0.01)
    again = feed.subscribe(stream.position, {user_topic(1)})
    await stream.aclose()
    feed.publish(Notice(NoticeKind.TASK, user_id=1))
    assert _kinds(await _next(again, 1)) == ["task"]


async def test_a_subscriber_that_does_not_read_holds_nobody_up(feed: Feed) -> None:
    start = await feed.last_seq()
    slow = feed.subscribe(start, {user_topic(1)})
    quick = asyncio.create_task(_take(feed, start, MAILBOX + 20, {user_topic(1)}))
    feed.publish(Notice(NoticeKind.TASK, user_id=1))
    assert _kinds(await _next(slow, 1, close=False)) == ["task"]
    for n in range(MAILBOX + 20):
        feed.publish(Notice(NoticeKind.TASK, user_id=1, subject_id=n))
        if n % 50 == 0:
            await asyncio.sleep(0.02)
    assert len(await quick) == MAILBOX + 20
    assert _kinds(await _next(slow, 1, close=False)) == ["reset"], "its memory is bounded: it begins anew"
    assert 0 < len(slow.ready()) <= MAILBOX
    feed.publish(Notice(NoticeKind.SMS, user_id=1))
    assert _kinds(await _next(slow, 1)) == ["sms"]


async def test_notices_of_one_transaction_come_together(feed: Feed) -> None:
    start = await feed.last_seq()
    stream = feed.subscribe(start, {user_topic(1)})
    waiting = asyncio.create_task(_next(stream, 1, close=False))
    await asyncio.sleep(0.05)
    burst = [Notice(NoticeKind.TASK, user_id=1, subject_id=n) for n in range(20)]
    await asyncio.to_thread(feed.publish, *burst)
    first = await waiting
    rest = stream.ready()
    assert [i.notice.subject_id for i in [*first, *rest] if i] == list(range(20))
    await stream.aclose()


async def test_what_listens_hears_everything_before_any_subscriber(feed: Feed) -> None:
    start = await feed.last_seq()
    heard: list[int] = []
    feed.listen(lambda item: heard.append(item.seq if item else 0))
    stream = feed.subscribe(start, {user_topic(1)})
    waiting = asyncio.create_task(_next(stream, 1))
    await asyncio.sleep(0.05)
    heard.clear()
    feed.publish(Notice(NoticeKind.CALL, "other"))
    feed.publish(Notice(NoticeKind.TASK, user_id=1, parts=frozenset({"Task"})))
    (item,) = await waiting
    assert item is not None and item.notice.parts == {"Task"}
    assert heard == [start + 1, start + 2]


@pytest.mark.parametrize("quiet_s", [6.0])
async def test_a_long_quiet_does_not_make_it_deaf(feed: Feed, quiet_s: float) -> None:
    start = await feed.last_seq()
    waiting = asyncio.create_task(_take(feed, start, 1, patience_s=quiet_s + 5))
    await asyncio.sleep(quiet_s)
    feed.publish(Notice(NoticeKind.CALL, "c"))
    assert _kinds(await waiting) == ["call"]
