"""``/ws/feed?after=SEQ&screen=SCREEN``: what changed on a live screen, numbered.

Screens are ``desk``, ``floor``, ``callbacks``, ``voicemails`` and ``call/ID``.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from functools import partial
from typing import Any, Protocol

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from app.domain.people.permission import Permission
from app.service.away import StorageAway
from app.service.notices import FeedItem, Topic
from app.service.people.records import User
from app.service.ports import Clock, Feed, Subscription
from app.web import metrics
from app.web.callbacks.list_screens import CallbackScreen, MessageScreen
from app.web.calls.call_screen import CallScreen
from app.web.calls.desk_changes import Part
from app.web.calls.screens import DeskScreen
from app.web.calls.shared import shared_of
from app.web.deps import deps_of
from app.web.fragment import Fragment
from app.web.i18n import language_of
from app.web.parameters import seq_of
from app.web.people.auth import same_origin, user_of
from app.web.render import Page
from app.web.shared_fragment import SharedFragment

log = logging.getLogger(__name__)
router = APIRouter()
#: A client that takes no message for so long is gone; and how often a quiet screen is told the
#: number that it is at, so that a later reconnect finds no gap.
_SEND_S, _BEAT_S = 20.0, 15.0
NOT_LOGGED_IN, FAULT = 4401, 1011
#: What a page has seen that was made while the feed was away.
NOTHING_SEEN = 0


class Outlet(Protocol):
    """The socket as its senders see it."""

    async def send_json(self, data: Any) -> None: ...


class Wire:
    """One browser's end: messages ``{"seq", "target", "html"}``, one at a time.

    ``seq`` is what the browser has seen all of: it asks for what comes after when it reconnects.
    """

    def __init__(self, outlet: Outlet, seq: int) -> None:
        self._outlet, self._seq = outlet, seq
        self._lock = asyncio.Lock()

    async def show(self, fragments: Iterable[Fragment], seq: int | None = None) -> None:
        """Fragments; with the last of them the browser has all up to ``seq``."""
        async with self._lock:
            rest = list(fragments)
            for number, fragment in enumerate(rest, 1):
                if seq is not None and number == len(rest):
                    self._seq = max(self._seq, seq)
                await self._send({"target": fragment.target, "html": fragment.html})

    async def beat(self, seq: int) -> None:
        if seq > self._seq:
            async with self._lock:
                self._seq = seq
                await self._send({})

    async def reset(self) -> None:
        """The page loads anew."""
        async with self._lock:
            await self._send({"reset": True})

    async def _send(self, message: dict[str, Any]) -> None:
        async with asyncio.timeout(_SEND_S):
            await self._outlet.send_json({"seq": self._seq, **message})


class DeskSender:
    """Shows an agent what concerns them."""

    def __init__(self, screen: DeskScreen, wire: Wire, feed: Feed, clock: Clock) -> None:
        self._screen, self._wire, self._feed, self._clock = screen, wire, feed, clock
        self._topics: frozenset[Topic] = frozenset()

    async def follow(self, after: int) -> None:
        await asyncio.to_thread(self._screen.begin)
        self._topics = self._screen.topics
        notices = self._feed.subscribe(after, self._topics)
        await _follow(self._wire, notices, partial(self._show, notices))

    async def _show(self, notices: Subscription, items: list[FeedItem]) -> None:
        """Everything that has come meanwhile at once: a burst is rendered once."""
        fragments = await self._render(items)
        if self._screen.topics != self._topics:
            self._topics = self._screen.topics
            notices.follow(self._topics)
        await self._wire.show(fragments, items[-1].seq)
        if any(fragment.target == Part.CARD for fragment in fragments):
            for item in items:
                if item.notice.final_at:
                    metrics.final_to_card(self._clock.now(), item.notice.final_at)

    async def _render(self, items: list[FeedItem]) -> list[Fragment]:
        changed = self._screen.changes(items)
        try:
            if changed.only_words:
                return self._screen.words(changed)
            return await asyncio.to_thread(self._screen.fragments, changed)
        except StorageAway:
            # the page connects again until the database is back, and misses nothing
            raise
        except Exception:
            log.exception("a fragment could not be rendered")
            return []


class ListScreen(Protocol):
    """A page that is read, and follows what it shows. Methods block."""

    @property
    def topics(self) -> frozenset[Topic]: ...
    def begin(self) -> bool:
        """Whether the viewer may have it."""
        ...

    def fragments(self, items: Iterable[FeedItem]) -> list[Fragment]: ...


class ListSender:
    """Shows a reader what was heard again."""

    def __init__(self, screen: ListScreen, wire: Wire, feed: Feed) -> None:
        self._screen, self._wire, self._feed = screen, wire, feed

    async def follow(self, after: int) -> None:
        if not await asyncio.to_thread(self._screen.begin):
            return
        notices = self._feed.subscribe(after, self._screen.topics)
        await _follow(self._wire, notices, self._show)

    async def _show(self, items: list[FeedItem]) -> None:
        fragments = await asyncio.to_thread(self._screen.fragments, items)
        await self._wire.show(fragments, items[-1].seq)


async def _follow(
    wire: Wire, notices: Subscription, show: Callable[[list[FeedItem]], Awaitable[None]]
) -> None:
    """Show what comes, all that waits at once, and say where a quiet screen is; a gap loads it
    anew. A screen that is being shown something is not at its newest number yet."""
    showing = asyncio.Lock()
    async with contextlib.aclosing(notices), asyncio.TaskGroup() as group:
        group.create_task(_beat(wire, notices, showing))
        async for item in notices:
            async with showing:
                if item is None:
                    await wire.reset()
                else:
                    await show([item, *notices.ready()])


async def _beat(wire: Wire, notices: Subscription, showing: asyncio.Lock) -> None:
    while True:
        await asyncio.sleep(_BEAT_S)
        if not showing.locked():
            await wire.beat(notices.position)


async def reset_when_back(feed: Feed, wire: Wire) -> None:
    """The page loads anew as soon as the feed can be asked again."""
    notices = feed.subscribe(NOTHING_SEEN, ())
    async with contextlib.aclosing(notices):
        async for _ in notices:
            await wire.reset()


async def show_shared(
    fragment: SharedFragment[Any], target: str, language: str, wire: Wire
) -> None:
    """The same html as everybody else's, whenever it changes."""
    async with fragment.watch(language) as watcher:
        while True:
            await wire.show([Fragment(target, await watcher.next())])


@router.websocket("/ws/feed")
async def feed(socket: WebSocket, after: str = "", screen: str = "desk") -> None:
    """Messages are ``{"seq", "target", "html"}``, ``{"seq"}`` alone now and then; with
    ``"reset": true`` the page loads anew."""
    user = await user_of(socket)
    senders = _senders(socket, user, seq_of(after), screen) if user and same_origin(socket) else []
    if not senders:
        await socket.close(code=NOT_LOGGED_IN)
        return
    await socket.accept()
    await _until_one_ends(socket, senders)


def _senders(
    socket: WebSocket, user: User, after: int, screen: str
) -> list[Coroutine[Any, Any, None]]:
    """What sends to this screen; nothing where the role has no such screen."""
    deps, shared, language = deps_of(socket), shared_of(socket), language_of(socket)
    wire = Wire(socket, after)
    page = Page(deps, language, user)
    if after == NOTHING_SEEN and page.may(Permission.TAKE_CALLS, Permission.SEE_FLOOR):
        return [reset_when_back(deps.feed, wire)]
    if screen == "desk" and page.may(Permission.TAKE_CALLS):
        desk = DeskScreen(page, user, shared)
        sender = DeskSender(desk, wire, deps.feed, deps.clock)
        return [sender.follow(after), show_shared(shared.queue, "queue", language, wire)]
    listed = _list_screen(page, user, screen)
    if listed is not None:
        return [ListSender(listed, wire, deps.feed).follow(after)]
    if screen == "floor" and page.may(Permission.SEE_FLOOR):
        return [show_shared(shared.floor, "floor", language, wire)]
    return []


def _list_screen(page: Page, user: User, screen: str) -> ListScreen | None:
    """The same may follow these pages as may read them."""
    if not page.may(Permission.SEE_OWN_CALLS, Permission.SEE_CALLS):
        return None
    kind, _, subject = screen.partition("/")
    if kind == "call":
        return CallScreen(page, user, subject)
    if kind == "callbacks":
        return CallbackScreen(page, user)
    return MessageScreen(page) if kind == "voicemails" else None


async def _until_one_ends(socket: WebSocket, senders: list[Coroutine[Any, Any, None]]) -> None:
    """Until the browser goes. A sender that fails closes the socket: the page connects again."""
    gone = asyncio.create_task(_until_gone(socket))
    tasks = [gone, *(asyncio.create_task(sender) for sender in senders)]
    done, rest = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    if gone in done:
        return
    _say_why(done)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await socket.close(code=FAULT)


def _say_why(ended: Iterable["asyncio.Task[None]"]) -> None:
    """A client that does not read or has gone is no fault of ours, nor is a database away."""
    for task in ended:
        error = task.exception()
        if error is not None and not _is_peers(error):
            log.error("a screen's sender has ended", exc_info=error)


def _is_peers(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_is_peers(each) for each in error.exceptions)
    return isinstance(error, TimeoutError | WebSocketDisconnect | OSError | StorageAway)


async def _until_gone(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()
