"""``/ws/feed?after=SEQ&screen=desk|floor``: what changed on a live screen, numbered."""

import asyncio
import contextlib
import logging

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from app.domain.people.permission import Permission
from app.web import metrics
from app.web.calls.screens import DeskScreen, FloorScreen, Screen, render
from app.web.deps import deps_of
from app.web.i18n import language_of
from app.web.parameters import seq_of
from app.web.people.auth import same_origin, user_of
from app.web.render import Page

log = logging.getLogger(__name__)
router = APIRouter()


def _screen(page: Page, name: str) -> Screen | None:
    if name == "desk" and page.may(Permission.TAKE_CALLS):
        return DeskScreen(page)
    if name == "floor" and page.may(Permission.SEE_FLOOR):
        return FloorScreen(page)
    return None


@router.websocket("/ws/feed")
async def feed(socket: WebSocket, after: str = "", screen: str = "desk") -> None:
    """Messages are ``{"seq", "target", "html"}``; with ``"reset": true`` the page loads anew."""
    user = await user_of(socket)
    shown = _screen(Page(deps_of(socket), language_of(socket), user), screen)
    if user is None or shown is None or not same_origin(socket):
        await socket.close(code=4401)
        return
    await socket.accept()
    sender = asyncio.create_task(_send_until_fault(socket, shown, seq_of(after)))
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        sender.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await sender


async def _send_until_fault(socket: WebSocket, screen: Screen, after: int) -> None:
    """A sender that dies closes its socket, so that the page connects anew and misses nothing."""
    try:
        await _send(socket, screen, after)
    except (WebSocketDisconnect, RuntimeError):
        log.debug("a live socket ended while something was sent")
    except Exception:
        log.exception("a live socket's sender failed")
    with contextlib.suppress(Exception):
        await socket.close(code=1011)


async def _send(socket: WebSocket, screen: Screen, after: int) -> None:
    deps = deps_of(socket)
    if isinstance(screen, DeskScreen):
        await asyncio.to_thread(screen.begin)
    async for item in deps.feed.subscribe(after):
        if item is None:
            await socket.send_json({"seq": 0, "reset": True})
            continue
        try:
            fragments = await render(screen, item.notice)
        except Exception:
            log.exception("a fragment could not be rendered")
            continue
        for fragment in fragments:
            message = {"seq": item.seq, "target": fragment.target, "html": fragment.html}
            await socket.send_json(message)
            if fragment.target == "card" and item.notice.data.get("final_at"):
                metrics.final_to_card(deps.clock.now(), float(item.notice.data["final_at"]))
