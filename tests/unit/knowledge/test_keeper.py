"""The knowledge base in use follows what is published, through outages too."""

import asyncio
from typing import Any

import pytest

from app.adapters.feed.feed_memory import MemoryFeed
from app.service import following
from app.service.away import StorageAway
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.notices import Notice, NoticeKind


async def test_a_version_published_while_the_storage_is_away_is_loaded_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(following, "FOLLOW_AGAIN_S", 0.01)
    unasked: Any = None
    keeper, feed = KnowledgeKeeper(unasked, unasked, unasked, unasked), MemoryFeed()
    tried, loaded = asyncio.Event(), asyncio.Event()

    async def refresh() -> None:
        if not tried.is_set():
            tried.set()
            raise StorageAway("connection refused")
        loaded.set()

    monkeypatch.setattr(keeper, "refresh", refresh)
    keeper.follow(feed)
    await asyncio.sleep(0.05)
    feed.publish(Notice(NoticeKind.KNOWLEDGE))
    await asyncio.wait_for(loaded.wait(), 5)
    await keeper.close()
    assert "storage away" in caplog.text and "Traceback" not in caplog.text
