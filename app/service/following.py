"""Doing something again whenever the feed tells of a change, from whichever brain."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from app.service.away import FeedAway, StorageAway
from app.service.notices import Topic
from app.service.ports import Feed

log = logging.getLogger(__name__)
FOLLOW_AGAIN_S = 2.0


async def follow(feed: Feed, topic: Topic, refresh: Callable[[], Awaitable[None]]) -> None:
    """``refresh`` after every notice of a topic, and after the feed or the storage was away: what
    came meanwhile is not told again. Never ends."""
    missed = False
    while True:
        try:
            changes = feed.subscribe(await _newest(feed), {topic})
            if missed:
                await refresh()
            missed = True
            async with contextlib.aclosing(changes):
                async for _ in changes:
                    changes.ready()
                    await refresh()
        except (FeedAway, StorageAway):
            log.warning("%s is not followed for a while: feed or storage away", topic)
        except Exception:
            log.exception("following the feed failed")
        await asyncio.sleep(FOLLOW_AGAIN_S)


async def _newest(feed: Feed) -> int:
    """Where to follow from; the beginning of all where the feed is away, so that it says a gap."""
    try:
        return await feed.last_seq()
    except FeedAway:
        return 0
