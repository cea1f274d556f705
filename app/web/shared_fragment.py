"""A fragment that many people see alike: read once, rendered once a language, handed to all."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from app.service.away import StorageAway
from app.service.notices import Topic
from app.service.ports import Feed

log = logging.getLogger(__name__)

V = TypeVar("V")
T = TypeVar("T")
#: Between two renderings, and the longest that it goes without asking again (what is
#: late becomes so without a notice).
PAUSE_S, REFRESH_S = 0.1, 10.0
#: After a fault.
AGAIN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """The times of a shared fragment in seconds, and how blocking work leaves the event loop."""

    pause_s: float = PAUSE_S
    refresh_s: float = REFRESH_S
    again_s: float = AGAIN_S
    off_loop: Callable[[Callable[[], object]], Awaitable[object]] = asyncio.to_thread


class Watcher:
    """One screen's view of it: the newest html only, so that a slow one misses steps."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._html, self._changed = "", asyncio.Event()

    def show(self, html: str) -> None:
        if html != self._html:
            self._html = html
            self._changed.set()

    async def next(self) -> str:
        """The html, once it differs from what was given last."""
        await self._changed.wait()
        self._changed.clear()
        return self._html


class SharedFragment(Generic[V]):
    """``read`` asks the database (blocking), ``draw`` renders the answer for a language.

    Works only while somebody watches. The first notice is shown at once, those that come within
    the pause after it together.
    """

    def __init__(
        self, feed: Feed, topic: Topic, read: Callable[[], V], draw: Callable[[V, str], str],
        pace: Pace | None = None,
    ) -> None:  # fmt: skip
        self._feed, self._topic, self._read, self._draw = feed, topic, read, draw
        self._pace = pace or Pace()
        self._value: V | None = None
        self._watchers: set[Watcher] = set()
        self._task: asyncio.Task[None] | None = None

    def value(self) -> V:
        """What it shows; asked for anew while nobody watches. Blocking."""
        known = self._value if self._watchers else None
        return known if known is not None else self._read()

    @contextlib.asynccontextmanager
    async def watch(self, language: str) -> AsyncIterator[Watcher]:
        watcher = Watcher(language)
        self._watchers.add(watcher)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())
        elif self._value is not None:
            await self._show(self._value, {watcher})
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
            if not self._watchers:
                await self._rest()

    async def _rest(self) -> None:
        task, self._task, self._value = self._task, None, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except StorageAway:
                await asyncio.sleep(self._pace.again_s)
            except Exception:
                log.exception("a shared fragment could not be brought up to date")
                await asyncio.sleep(self._pace.again_s)

    async def _follow(self) -> None:
        # from before everything: whether or not something is gone, it is read anew
        changes = self._feed.subscribe(0, {self._topic})
        async with contextlib.aclosing(changes):
            while True:
                await self._renew()
                await asyncio.sleep(self._pace.pause_s)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.refresh_s):
                        await anext(changes)
                changes.ready()

    async def _renew(self) -> None:
        value = await self._off_loop(self._read)
        if value != self._value:
            self._value = value
            await self._show(value, set(self._watchers))

    async def _show(self, value: V, watchers: set[Watcher]) -> None:
        for language in {watcher.language for watcher in watchers}:
            html = await self._off_loop(partial(self._draw, value, language))
            for watcher in watchers:
                if watcher.language == language and self._value is value:
                    watcher.show(html)

    async def _off_loop(self, work: Callable[[], T]) -> T:
        return await self._pace.off_loop(work)  # type: ignore[return-value]
