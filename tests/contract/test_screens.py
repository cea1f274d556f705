"""An agent's screen without a browser: real commands and database, the real feed, a scripted socket."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.adapters.feed.feed_memory import MemoryFeed
from app.domain.calls import machine
from app.domain.calls.rehearing import RehearingEvent
from app.domain.ids import CaseId
from app.service.calls.commands import (
    AdvanceCall,
    ChooseMode,
    CloseCall,
    ReviseUtterance,
    SettleRehearing,
)
from app.service.calls.queries import CallView
from app.service.calls.views import build_desk_call
from app.service.field.commands import ReportOutage
from app.service.notices import Notice, NoticeKind, user_topic
from app.service.people.records import User
from app.service.ports import Content, Word
from app.service.queue.commands import ChangePresence
from app.service.retention.commands import StepCase
from app.web.callbacks.list_screens import CallbackScreen, MessageScreen
from app.web.calls.call_screen import CallScreen
from app.web.calls.screens import DeskScreen
from app.web.calls.shared import Shared
from app.web.deps import WebDeps
from app.web.fragment import Fragment
from app.web.live import DeskSender, ListScreen, ListSender, Wire, show_shared
from app.web.live import _until_one_ends as until_one_ends
from app.web.reads import Reads
from app.web.render import Page
from tests.contract.conftest import Shop
from tests.contract.test_live_views import _reads
from tests.support.actors import as_user, named
from tests.support.content import FixedContent
from tests.support.kept import key


class Office:
    """A shop with screens: what they share, and whose screens are open."""

    def __init__(self, shop: Shop, content: Content) -> None:
        self.shop, self.feed = shop, MemoryFeed(mailbox=50)
        shop.follow(self.feed)
        nobody: Any = SimpleNamespace(live=0, outbound=SimpleNamespace(trunk=""))
        unasked: Any = None
        self.deps = WebDeps(
            bus=shop.bus, switchboard=nobody, reads=Reads.of(shop.queries, shop.workshop), feed=self.feed,
            content=FixedContent(content),  # type: ignore[arg-type]
            clock=shop.clock, home=Path(), static=Path(), demo=True, simulator=None, bridges=lambda: ("bridge",),
            local_time=lambda moment: moment, recogniser=unasked, passwords=unasked, condition=unasked, voice=None, learning=unasked, learn_days=30)
        self.shared = Shared(self.deps)

    def screen(self, name: str, language: str = "zh") -> DeskScreen:
        user = self.shop.queries.user_by_name(name)
        assert user is not None
        return DeskScreen(Page(self.deps, language, user), user, self.shared)

    def _page(self, name: str) -> tuple[Page, User]:
        user = self.shop.queries.user_by_name(name)
        assert user is not None
        return Page(self.deps, "zh", user), user

    def call_page(self, name: str, call_id: str) -> CallScreen:
        return CallScreen(*self._page(name), call_id)

    def callback_page(self, name: str) -> CallbackScreen:
        return CallbackScreen(*self._page(name))

    def message_page(self, name: str) -> MessageScreen:
        return MessageScreen(self._page(name)[0])

    @asynccontextmanager
    async def desk(self, name: str, language: str = "zh") -> AsyncIterator["Socket"]:
        socket = Socket()
        after = await self.feed.last_seq()
        wire = Wire(socket, after)
        sender = DeskSender(self.screen(name, language), wire, self.feed, self.deps.clock)
        tasks = [asyncio.create_task(sender.follow(after)), asyncio.create_task(show_shared(self.shared.queue, "queue", language, wire))]
        await socket.until("queue")
        await asyncio.sleep(0.3)
        socket.clear()
        yield socket
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Socket:
    """What a browser got: the newest html of each target, and everything in order."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.shown: dict[str, str] = {}
        self.open = asyncio.Event()
        self.open.set()

    async def send_json(self, data: Any) -> None:
        await self.open.wait()
        self.messages.append(data)
        if "html" in data:
            self.shown[data["target"]] = data["html"]

    def clear(self) -> None:
        self.messages.clear()
        self.shown.clear()

    @property
    def targets(self) -> list[str]:
        return [message["target"] for message in self.messages if "target" in message]

    async def until(self, target: str, text: str = "", seconds: float = 5) -> float:
        """Seconds until a part shows a text."""
        began = time.monotonic()
        while target not in self.shown or text not in self.shown[target]:
            assert time.monotonic() - began < seconds, (target, text, self.targets)
            await asyncio.sleep(0.005)
        return time.monotonic() - began


@pytest.fixture
def office(shop: Shop, content: Content) -> Office:
    return Office(shop, content)


async def test_a_call_comes_and_is_talked_through(office: Office, content: Content) -> None:
    shop, me = office.shop, office.shop.agents["1001"]
    shop.ready("1001", "1002")
    async with office.desk("1001") as mine, office.desk("1002") as other:
        call_id, _ = await asyncio.to_thread(shop.call, "13800000001", machine.Admitted(True, True))
        await mine.until("callbar", "13800000001")
        await mine.until("said")
        await asyncio.to_thread(shop.bus.execute, AdvanceCall(call_id=call_id, event=machine.AgentAnswered()))
        await asyncio.to_thread(shop.bus.execute, AdvanceCall(call_id=call_id, event=machine.PromptPlayed("welcome")))
        await mine.until("callbar", "call-timer")
        await asyncio.sleep(0.3)
        mine.clear()
        office.feed.publish(Notice(NoticeKind.PARTIAL, call_id, me, side="caller", text="你好我想八点"))
        await mine.until("partial-caller", "你好我想八点")
        said = await asyncio.to_thread(shop.say, call_id, content, "你好我想把电视停掉太贵了")
        await mine.until(f"u-{said}", "太贵")
        await mine.until("card", 'data-intent="disconnect.cancel"')
        assert mine.targets.count("card") == 1 and "said" not in mine.targets and "who" not in mine.targets
        assert "queue" not in mine.targets, "what is said in a call does not change who waits"
        view = shop.queries.call(call_id)
        assert view is not None and view.case is not None
        await asyncio.to_thread(shop.bus.execute, StepCase(case_id=CaseId(key(view.case)), action="offer", value="price-cut-12", actor=as_user(me)))
        await mine.until("card", 'data-phase="offer_shown"')
        await mine.until("who")
        assert set(other.targets) <= {"queue"}, "another agent's call draws nothing on this desk"
        await asyncio.to_thread(shop.bus.execute, AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
        await mine.until("card", 'name="disposition"')
        assert re.search(r'value="other"[^>]*>', mine.shown["card"])
        seqs = [m["seq"] for m in mine.messages]
        assert seqs == sorted(seqs) and seqs[-1] <= await office.feed.last_seq()


async def test_who_waits_is_shown_to_everybody_within_a_fifth_of_a_second(office: Office) -> None:
    office.shop.talk("13800000001")
    async with office.desk("1001") as first, office.desk("1002", "en") as second, office.desk("1003") as third:
        for number in range(3):
            call_id, _ = await asyncio.to_thread(office.shop.call, f"1380000001{number}", machine.Admitted(True, True))
            assert call_id
        waits = office.shop.queries.waiting()
        assert waits == 3, "the only agent talks"
        for socket in (first, second, third):
            await socket.until("queue", f"&nbsp;{waits}</b>", 1)
        assert "Waiting" in second.shown["queue"] and "Waiting" not in first.shown["queue"]
        assert first.shown["queue"] == third.shown["queue"]


async def test_two_screens_of_one_call_cost_one_reading(office: Office, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    call_id = office.shop.talk("13800000001")
    built: list[CallView] = []
    from app.web.calls import call_fragments

    def build(view: CallView, *rest: Any) -> Any:
        built.append(view)
        return build_desk_call(view, *rest)

    monkeypatch.setattr(call_fragments, "build_desk_call", build)
    async with office.desk("1001") as one, office.desk("1001", "en") as two:
        await asyncio.to_thread(office.shared.calls.values, call_id)
        built.clear()
        with _reads(office.shop.engine) as reads:
            await asyncio.to_thread(office.shop.say, call_id, content, "我家电视没信号")
            writes = len(reads)
            await one.until("card", 'data-intent="fault')
            await two.until("card", 'data-intent="fault')
        assert len(built) == 1 and len(reads) - writes <= 7, [r.split('FROM')[1][:20] for r in reads[writes:]]
        assert one.shown["card"] != two.shown["card"], "each in its language"


async def test_settings_and_presence_of_a_person_reach_only_them(office: Office) -> None:
    me = office.shop.agents["1001"]
    async with office.desk("1001") as mine, office.desk("1002") as other:
        await asyncio.to_thread(office.shop.bus.execute, ChooseMode(mode="expert", actor=as_user(me)))
        await mine.until("card", "熟")
        await asyncio.to_thread(office.shop.bus.execute, ChangePresence(user_id=me, event="go_ready", actor=as_user(me)))
        await mine.until("presence", "go_break")
        assert "tools" in mine.targets and not other.targets


async def test_an_outage_reaches_those_in_a_call(office: Office, content: Content) -> None:
    call_id = office.shop.talk("13800000001")
    office.shop.say(call_id, content, "我家电视没信号")
    view = office.shop.queries.call(call_id)
    assert view is not None and view.customer is not None
    async with office.desk("1001") as mine, office.desk("1002") as idle:
        await asyncio.to_thread(office.shop.bus.execute, ReportOutage(grid_id=view.customer.grid.id or 0, text="光缆断了", actor=named("主管")))
        await mine.until("card", "光缆断了")
        assert not idle.targets


async def test_a_screen_that_does_not_read_begins_anew_and_holds_nobody_up(office: Office, content: Content) -> None:
    call_id = office.shop.talk("13800000001")
    me = office.shop.agents["1001"]
    async with office.desk("1001") as slow, office.desk("1001") as quick:
        slow.open.clear()
        for n in range(60):
            office.feed.publish(Notice(NoticeKind.PARTIAL, call_id, me, side="caller", text=f"第{n}句"))
            await asyncio.sleep(0.002)
        assert await quick.until("partial-caller", "第59句", 1) < 1
        for _ in range(3):
            quick.clear()
            office.feed.publish(*[Notice(NoticeKind.TASK, user_id=me)] * 30)
            assert await quick.until("tasks") < 5
        slow.open.set()
        while not any(m.get("reset") for m in slow.messages):
            await asyncio.sleep(0.01)


async def test_a_fragment_that_fails_leaves_the_others(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    me = office.shop.agents["1001"]
    async with office.desk("1001") as mine:
        screen_queries = office.shop.queries.tasks_open
        office.shop.queries.tasks_open = lambda agent_id: agent_id // 0  # type: ignore[method-assign]  # the database is gone
        office.feed.publish(Notice(NoticeKind.TASK, user_id=me))
        while "could not be rendered" not in caplog.text:
            await asyncio.sleep(0.01)
        office.shop.queries.tasks_open = screen_queries  # type: ignore[method-assign]
        office.feed.publish(Notice(NoticeKind.TASK, user_id=me))
        await mine.until("tasks")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_whole_page_shows_the_same(office: Office, content: Content, language: str) -> None:
    call_id = office.shop.talk("13800000001")
    for text in ("我要投诉你们", "套餐有哪些", "我家电视没信号", "怎么交费"):
        office.shop.say(call_id, content, text)
    screen = office.screen("1001", language)
    page = Page(office.deps, language, office.shop.queries.user_by_name("1001"))
    html = page.html("desk.html", seq=1, **screen.values())
    for part in ("presence", "tasks", "queue", "tools", "callbar", "who", "said", "card"):
        assert html.count(f'id="{part}"') == 1
    card = office.shared.calls.html("card", page, call_id)
    assert card.strip() in html and "topics" in card


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_without_a_call(office: Office, language: str) -> None:
    page = Page(office.deps, language, office.shop.queries.user_by_name("1001"))
    html = page.html("desk.html", seq=1, **office.screen("1001", language).values())
    for part in ("presence", "tasks", "queue", "tools", "callbar", "who", "said", "card", "transcript", "partial-caller", "hint"):
        assert html.count(f'id="{part}"') == 1


async def test_the_place_moves_on_while_nothing_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reconnect after a long quiet finds no gap: the browser was told how far others' notices have come."""
    monkeypatch.setattr("app.web.live._BEAT_S", 0.05)
    async with office.desk("1001") as mine:
        for _ in range(200):
            office.feed.publish(Notice(NoticeKind.CARD, "other"))
        newest = await office.feed.last_seq()
        while not mine.messages or mine.messages[-1]["seq"] < newest:
            await asyncio.sleep(0.01)
        assert mine.messages[-1] == {"seq": newest}


async def test_fragments_of_a_burst_count_as_seen_only_with_the_last(office: Office) -> None:
    socket = Socket()
    wire = Wire(socket, 10)
    await wire.show([Fragment("a", ""), Fragment("b", ""), Fragment("c", "")], 15)
    await wire.show([Fragment("queue", "")])
    await wire.beat(14)
    await wire.beat(20)
    assert [m["seq"] for m in socket.messages] == [10, 10, 15, 15, 20]


class _Browser:
    """A socket that stays open until it is closed from here."""

    def __init__(self) -> None:
        self.closed: int | None = None
        self._gone = asyncio.Event()

    async def receive_text(self) -> str:
        await self._gone.wait()
        from fastapi import WebSocketDisconnect

        raise WebSocketDisconnect

    async def close(self, code: int) -> None:
        self.closed = code

    def leave(self) -> None:
        self._gone.set()


async def test_a_sender_that_dies_closes_the_socket_and_a_browser_that_leaves_ends_the_senders() -> None:
    async def dies() -> None:
        raise ValueError("a bug")

    ended: list[str] = []

    async def lives() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("lives")

    browser = _Browser()
    await until_one_ends(browser, [dies(), lives()])  # type: ignore[arg-type]
    assert browser.closed == 1011 and ended == ["lives"]
    browser = _Browser()
    asyncio.get_running_loop().call_later(0.05, browser.leave)
    await until_one_ends(browser, [lives()])  # type: ignore[arg-type]
    assert browser.closed is None and ended == ["lives", "lives"]


def test_topics_follow_the_agents_call(office: Office) -> None:
    screen = office.screen("1001")
    screen.begin()
    assert user_topic(office.shop.agents["1001"]) in screen.topics and len(screen.topics) == 2
    call_id = office.shop.talk("13800000001")
    screen.begin()
    assert f"call:{call_id}" in screen.topics


async def test_pages_that_are_open_follow_what_is_heard_again(office: Office, content: Content) -> None:
    shop = office.shop
    call_id, _ = await asyncio.to_thread(shop.call, "13911112222", machine.Admitted(True, False), machine.PromptPlayed("busy_greeting"), machine.PromptPlayed("beep"))
    said = await asyncio.to_thread(shop.say, call_id, content, "我家电视没有信好")
    await asyncio.to_thread(shop.bus.execute, AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    await asyncio.to_thread(shop.bus.execute, CloseCall(call_id=call_id, frames=500, voicemail_from_frame=0))
    (waiting,) = shop.queries.callbacks()
    (message,) = shop.queries.voicemails()
    after = await office.feed.last_seq()
    screens: list[ListScreen] = [office.call_page("1001", call_id), office.callback_page("1001"), office.message_page("1001")]
    sockets = [Socket() for _ in screens]
    senders = [ListSender(screen, Wire(socket, after), office.feed) for screen, socket in zip(screens, sockets, strict=True)]
    tasks = [asyncio.create_task(sender.follow(after)) for sender in senders]
    words = tuple(Word(each, 0, 1, 0.9) for each in "我家电视没有信号")
    heard = content.engine.understand("我家电视没有信号")
    await asyncio.to_thread(shop.bus.execute, ReviseUtterance(call_id=call_id, utterance_id=said, words=words, understanding=heard))
    await asyncio.to_thread(shop.bus.execute, SettleRehearing(call_id=call_id, event=RehearingEvent.HEARD))
    targets = (f"u-{said}", f"callback-{waiting.callback.id}", f"voicemail-words-{message.voicemail.id}")
    for socket, target in zip(sockets, targets, strict=True):
        await socket.until(target, "没有信号")
        assert "初次识别" in socket.shown[target] and "没有信好" in socket.shown[target]
        assert set(socket.shown) == {target}, "nothing else of the page moves"
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_colleagues_call_is_not_followed(office: Office) -> None:
    call_id = await asyncio.to_thread(office.shop.talk, "13911112222")
    assert await asyncio.to_thread(office.call_page("1001", call_id).begin)
    assert not await asyncio.to_thread(office.call_page("1002", call_id).begin)
    assert not await asyncio.to_thread(office.call_page("1002", "none").begin)
