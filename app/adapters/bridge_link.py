"""The brain's end of the link: accepts bridges, sends orders, hands facts to the switchboard."""

import asyncio
import hmac
import logging
from typing import Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

from app.domain.calls.ids import CallId
from app.link import codec
from app.link.messages import Fact, Hello, Order, Welcome
from app.service.away import StorageAway

log = logging.getLogger(__name__)


class BridgeEvents(Protocol):
    """The switchboard, as the link sees it."""

    async def bridge_up(self, hello: Hello) -> dict[CallId, int]: ...
    async def fact(self, bridge: str, fact: Fact) -> None: ...
    def audio(self, audio: codec.Audio) -> None: ...
    def bridge_down(self, bridge: str) -> None: ...


class BridgeLinkServer:
    """Implements the Line port; one WebSocket a bridge, the newest one of a name wins."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._outgoing: dict[str, asyncio.Queue[str | bytes]] = {}
        self._events: BridgeEvents

    def attach(self, events: BridgeEvents) -> None:
        self._events = events

    @property
    def bridges(self) -> tuple[str, ...]:
        """Names of the bridges that are connected."""
        return tuple(self._outgoing)

    def order(self, bridge: str, order: Order) -> None:
        outgoing = self._outgoing.get(bridge)
        if outgoing is not None:
            outgoing.put_nowait(codec.encode(order))

    def prompt(self, bridge: str, key: str, pcm16: bytes) -> None:
        outgoing = self._outgoing.get(bridge)
        if outgoing is not None:
            outgoing.put_nowait(codec.encode_prompt(codec.PromptAudio(key, pcm16)))

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve one bridge until it goes."""
        given = socket.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            log.warning("a bridge with a wrong secret was refused")
            await socket.close(code=1008)
            return
        await socket.accept(subprotocol=codec.SUBPROTOCOL)
        try:
            hello = codec.expect(Hello, codec.decode_fact(await socket.receive_text()))
            await self._serve(socket, hello)
        except WebSocketDisconnect:
            return
        except codec.LinkError as error:
            log.warning("link closed: %s", error)
            await socket.close(code=1002)
        except StorageAway:
            log.warning("link closed: nothing can be stored now")
            await socket.close(code=1013)

    async def _serve(self, socket: WebSocket, hello: Hello) -> None:
        bridge = hello.bridge
        outgoing: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._outgoing[bridge] = outgoing
        sender: asyncio.Task[None] | None = None
        try:
            resume = await self._events.bridge_up(hello)
            await socket.send_text(codec.encode(Welcome(resume=resume)))
            log.info("bridge %s is connected", bridge)
            sender = asyncio.create_task(self._send(socket, outgoing))
            await self._receive(socket, bridge)
        finally:
            if sender is not None:
                sender.cancel()
            if self._outgoing.get(bridge) is outgoing:
                del self._outgoing[bridge]
                self._events.bridge_down(bridge)

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
                decoded = codec.decode_binary(binary)
                for audio in decoded if isinstance(decoded, tuple) else ():
                    self._events.audio(audio)
            else:
                fact = codec.decode_fact(str(message.get("text", "")))
                await self._events.fact(bridge, fact)
