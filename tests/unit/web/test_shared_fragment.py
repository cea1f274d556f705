"""A shared fragment: read and rendered once for all who watch, at once and then at a measured pace (virtual time)."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from app.adapters.feed.feed_memory import MemoryFeed
from app.service.notices import QUEUE, Notice, NoticeKind
from app.web.kept import Kept
from app.web.shared_fragment import Pace, SharedFragment, Watcher
from tests.support import virtual_loop

PAUSE_S, REFRESH_S = 0.1, 10.0


async def _here(work: Callable[[], Any]) -> Any:
    return work()


class Office:
    """A number that is shown, how often it was read and rendered, and what a screen got when."""

    def __init__(self) -> None:
        self.number, self.reads, self.draws = 0, 0, 0
        self.feed = MemoryFeed(0)
        self.fragment = SharedFragment(self.feed, QUEUE, self.read, self.draw, Pace(pause_s=PAUSE_S, refresh_s=REFRESH_S, off_loop=_here))
        self.fault: Exception | None = None

    def read(self) -> int:
        self.reads += 1
        if self.fault:
            raise self.fault
        return self.number

    def draw(self, number: int, language: str) -> str:
        self.draws += 1
        return f"{language} {number}"

    def change(self, number: int) -> None:
        self.number = number
        self.feed.publish(Notice(NoticeKind.CALLBACK))


async def _note(watcher: Watcher, seen: list[tuple[float, str]]) -> None:
    while True:
        html = await watcher.next()
        seen.append((round(asyncio.get_running_loop().time(), 3), html))


@contextlib.asynccontextmanager
async def _screens(desk: Office, *languages: str):  # type: ignore[no-untyped-def]
    async with contextlib.AsyncExitStack() as stack:
        seen: list[list[tuple[float, str]]] = []
        for language in languages:
            watcher = await stack.enter_async_context(desk.fragment.watch(language))
            seen.append([])
            task = asyncio.create_task(_note(watcher, seen[-1]))
            stack.callback(task.cancel)
        await asyncio.sleep(0.5)
        yield seen


def test_a_hundred_screens_cost_one_reading_and_a_rendering_a_language() -> None:
    async def story() -> None:
        desk = Office()
        async with _screens(desk, *["zh"] * 60, *["en"] * 40) as seen:
            assert desk.draws == 2
            reads = desk.reads
            desk.change(1)
            await asyncio.sleep(1)
            assert (desk.reads, desk.draws) == (reads + 1, 4)
            assert all(one[-1][1] == "zh 1" for one in seen[:60]) and all(one[-1][1] == "en 1" for one in seen[60:])
    virtual_loop.run(story())


def test_the_first_change_is_shown_at_once_and_a_burst_together() -> None:
    async def story() -> None:
        desk = Office()
        async with _screens(desk, "zh") as (seen,):
            for number in range(1, 101):
                desk.change(number)
                await asyncio.sleep(0.005)
            await asyncio.sleep(1)
            assert seen[0] == (0.0, "zh 0") and seen[1] == (0.5, "zh 1"), "the first at once"
            assert seen[-1][1] == "zh 100" and seen[-1][0] <= 0.5 + 100 * 0.005 + PAUSE_S, "the last one within a pause"
            assert desk.reads <= 3 + 6, "half a second of changes, at most ten a second"
    virtual_loop.run(story())


def test_what_becomes_late_without_a_notice_is_seen() -> None:
    async def story() -> None:
        desk = Office()
        async with _screens(desk, "zh") as (seen,):
            desk.number = 5
            await asyncio.sleep(REFRESH_S + 1)
            assert [html for _, html in seen] == ["zh 0", "zh 5"]
            reads, draws = desk.reads, desk.draws
            await asyncio.sleep(10 * REFRESH_S)
            assert desk.reads >= reads + 9 and desk.draws == draws, "what has not changed is not rendered again"
    virtual_loop.run(story())


def test_who_comes_later_sees_what_stands_and_nobody_watching_costs_nothing() -> None:
    async def story() -> None:
        desk = Office()
        desk.number = 3
        assert desk.fragment.value() == 3 and desk.reads == 1, "asked by a page while nobody watches"
        async with _screens(desk, "zh") as (seen,):
            reads = desk.reads
            assert desk.fragment.value() == 3 and desk.reads == reads
            async with desk.fragment.watch("en") as late:
                assert await late.next() == "en 3" and desk.reads == reads
            desk.change(4)
            await asyncio.sleep(1)
            assert seen[-1][1] == "zh 4"
        reads = desk.reads
        desk.change(5)
        await asyncio.sleep(5 * REFRESH_S)
        assert desk.reads == reads and desk.fragment.value() == 5
    virtual_loop.run(story())


def test_a_slow_screen_gets_the_newest_only() -> None:
    async def story() -> None:
        desk = Office()
        async with desk.fragment.watch("zh") as slow:
            assert await slow.next() == "zh 0"
            for number in range(1, 20):
                desk.change(number)
                await asyncio.sleep(1)
            assert await slow.next() == "zh 19"
    virtual_loop.run(story())


def test_a_database_that_is_away_is_asked_again(caplog: Any) -> None:
    async def story() -> None:
        desk = Office()
        async with _screens(desk, "zh") as (seen,):
            desk.fault = OSError("away")
            desk.change(1)
            await asyncio.sleep(1)
            assert [html for _, html in seen] == ["zh 0"]
            desk.fault = None
            await asyncio.sleep(REFRESH_S)
            assert seen[-1][1] == "zh 1"
    virtual_loop.run(story())


def test_answers_are_kept_for_a_while() -> None:
    now, asked = [0.0], []

    def read() -> int:
        asked.append(now[0])
        return len(asked)

    kept = Kept(read, 60, lambda: now[0])
    assert [kept(), kept()] == [1, 1]
    now[0] = 59.9
    assert kept() == 1
    now[0] = 60.0
    assert kept() == 2 and asked == [0.0, 60.0]
