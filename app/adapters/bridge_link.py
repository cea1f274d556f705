"""The brain's end of the link: accepts bridges, sends orders, hands facts to the switchboard."""

import asyncio
import hmac
import logging
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.service import link

log = logging.getLogger(__name__)


class Board(Protocol):
    """The switchboard, as the link sees it."""

    async def bridge_up(self, hello: link.Control) -> dict[str, int]: ...
    async def fact(self, bridge: str, fact: link.Control) -> None: ...
    def audio(self, audio: link.Audio) -> None: ...
    def bridge_down(self, bridge: str) -> None: ...


class BridgeLinkServer:
    """Implements the Line port; one WebSocket a bridge, the newest one of a name wins."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._outgoing: dict[str, asyncio.Queue[str | bytes]] = {}
        self._board: Board

    def attach(self, board: Board) -> None:
        self._board = board

    @property
    def bridges(self) -> tuple[str, ...]:
        """Names of the bridges that are connected."""
        return tuple(self._outgoing)

    def order(self, bridge: str, order: link.Control) -> None:
        outgoing = self._outgoing.get(bridge)
        if outgoing is not None:
            outgoing.put_nowait(order.encode())

    def prompt(self, bridge: str, key: str, pcm16: bytes) -> None:
        outgoing = self._outgoing.get(bridge)
        if outgoing is not None:
            outgoing.put_nowait(link.PromptAudio(key, pcm16).encode())

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one bridge until it goes."""
        given = socket.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            log.warning("a bridge with a wrong secret was refused")
            await socket.close(code=1008)
            return
        await socket.accept(subprotocol=link.SUBPROTOCOL)
        try:
            hello = link.decode_control(await socket.receive_text(), frozenset({"hello"}))
            await self._serve(socket, hello)
        except WebSocketDisconnect:
            return
        except link.LinkError as error:
            log.warning("link closed: %s", error)
            await socket.close(code=1002)

    async def _serve(self, socket: WebSocket, hello: link.Control) -> None:
        bridge = str(hello.get("bridge", ""))
        outgoing: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._outgoing[bridge] = outgoing
        sender: asyncio.Task[None] | None = None
        try:
            resume = await self._board.bridge_up(hello)
            await socket.send_text(link.Control("welcome", "", {"resume": resume}).encode())
            log.info("bridge %s is connected", bridge)
            sender = asyncio.create_task(self._send(socket, outgoing))
            await self._receive(socket, bridge)
        finally:
            if sender is not None:
                sender.cancel()
            if self._outgoing.get(bridge) is outgoing:
                del self._outgoing[bridge]
                self._board.bridge_down(bridge)

    async def _send(self, socket: WebSocket, outgoing: asyncio.Queue[str | bytes]) -> None:
        while True:
            message = await outgoing.get()
            if isinstance(message, str):
                await socket.send_text(message)
            else:
                await socket.send_bytes(message)

    async def _receive(self, socket: WebSocket, bridge: str) -> None:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            binary = message.get("bytes")
            if binary is not None:
                decoded = link.decode_binary(binary)
                if isinstance(decoded, link.Audio):
                    self._board.audio(decoded)
            else:
                fact = link.decode_control(str(message.get("text", "")), link.FACTS)
                await self._board.fact(bridge, fact)
