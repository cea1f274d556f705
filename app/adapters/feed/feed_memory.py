"""The feed in memory of one brain."""

import time
from collections.abc import Iterable

from app.adapters.feed.fanout import MAILBOX, Fanout, Heard, Mailbox
from app.service.notices import FeedItem, Notice, Topic

#: A screen that was away for a minute misses nothing, with forty calls at once; some 3 MB.
KEPT = 8_000


class MemoryFeed:
    """Numbers begin at the start time in milliseconds, so that they rise over restarts too."""

    def __init__(
        self, first_seq: int | None = None, kept: int = KEPT, mailbox: int = MAILBOX
    ) -> None:
        start = first_seq if first_seq is not None else int(time.time() * 1000)
        self._fanout = Fanout(start, kept, mailbox)

    def publish(self, *notices: Notice) -> None:
        with self._fanout.lock:
            first = self._fanout.newest + 1
            self._fanout.put([FeedItem(seq, notice) for seq, notice in enumerate(notices, first)])

    async def last_seq(self) -> int:
        return self._fanout.newest

    def subscribe(self, after: int, topics: Iterable[Topic] | None = None) -> Mailbox:
        return Mailbox(self._fanout, after, topics)

    def listen(self, heard: Heard) -> None:
        self._fanout.listen(heard)

    async def close(self) -> None:
        """Nothing is held."""
