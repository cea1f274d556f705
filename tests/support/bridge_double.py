"""A bridge without telephones: speaks the link to a real brain, and obeys for one call as a bridge would."""

import contextlib
import threading
import time
import uuid
from types import TracebackType
from typing import Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.domain.calls.ids import AGENT, CALLER, CallId
from app.link import codec
from app.link import messages as link
from app.link.summary import CallSummary, EndReason, LinePhase
from app.media.g711 import FRAME_BYTES
from tests.support.servers import wait_for

#: As many frames as the bridge sends at a time.
CHUNK_FRAMES = 3


class BridgeDouble:
    """Prompts end at once, phones are answered at once (``answers``), audio goes as fast as it is given."""

    def __init__(self, address: str, secret: str, name: str = "double") -> None:
        self._address, self._secret, self._name = address, secret, name
        self._stack = contextlib.ExitStack()
        self._socket: ClientConnection
        self.orders: list[link.Order] = []
        self.resume: dict[CallId, int] = {}
        self.answers = True
        self.frames: dict[CallId, int] = {}
        self.ended: dict[CallId, CallSummary] = {}
        self._talking: set[CallId] = set()

    def __enter__(self) -> Self:
        self.connect()
        return self

    def connect(self, *calls: CallSummary) -> None:
        """Say hello; take orders from then on."""
        self._stack.close()
        self._socket = self._stack.enter_context(connect(
            f"ws://{self._address}{codec.PATH}", additional_headers={"Authorization": f"Bearer {self._secret}"},
            subprotocols=[Subprotocol(codec.SUBPROTOCOL)], max_size=1 << 24, proxy=None,
        ))  # fmt: skip
        self._send(link.Hello(bridge=self._name, calls=calls))
        welcome = codec.expect(link.Welcome, codec.decode_order(str(self._socket.recv(10))))
        self.resume = dict(welcome.resume)
        threading.Thread(target=self._receive, args=(self._socket,), daemon=True).start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._stack.close()

    def _send(self, fact: link.Fact) -> None:
        self._socket.send(codec.encode(fact))

    def _receive(self, socket: ClientConnection) -> None:
        try:
            for message in socket:
                if isinstance(message, str):
                    order = codec.decode_order(message)
                    self._obey(order)
                    self.orders.append(order)
        except ConnectionClosed:
            return

    def _obey(self, order: link.Order) -> None:
        match order:
            case link.Answer(call=call):
                self.frames.setdefault(call, 0)
                self._send(link.RecordingStarted(call=call, path="2026/01/01/r.wav"))
            case link.Play(call=call, token=token, loop=False):
                self._send(link.PromptPlayed(call=call, token=token, frames=self.frames.get(call, 0)))
            case link.Dial(call=call) if self.answers:
                self._send(link.LegAnswered(call=call, leg=AGENT))
            case link.Connect(call=call, hears=hears):
                self._talking.add(call)
                self._send(link.Connected(call=call, frames=self.frames.get(call, 0), hears=hears))
            case link.HangUp(call=call):
                self.end(call, EndReason.HUNG_UP)

    # -- what happens ------------------------------------------------------------------------

    def offer(self, caller: str) -> CallId:
        call = CallId(uuid.uuid4().hex)
        self._send(link.Offered(call=call, caller=caller, called="hotline", sip_call_id="s", started_at=time.time()))
        return call

    def say(self, call: CallId, pcm16: bytes, side: str = CALLER) -> None:
        """Audio of one side, with quiet after it."""
        pcm16 += bytes(-len(pcm16) % FRAME_BYTES) + bytes(FRAME_BYTES * 40)
        step = CHUNK_FRAMES * FRAME_BYTES
        for at in range(0, len(pcm16), step):
            piece = pcm16[at : at + step]
            tracks = {CALLER: piece, AGENT: bytes(len(piece))} if side == CALLER else {CALLER: bytes(len(piece)), AGENT: piece}
            first = self.frames.setdefault(call, 0)
            self._socket.send(codec.encode_audio(codec.Audio(call, first, tracks)))
            self.frames[call] = first + len(piece) // FRAME_BYTES

    def end(self, call: CallId, reason: EndReason = EndReason.CALLER_HUNG_UP, *, voicemail_from: int | None = None) -> None:
        if call in self.ended:
            return
        self.ended[call] = CallSummary(
            call=call, caller="", called="hotline", started_at=time.time(), phase=LinePhase.ENDED, frames=self.frames.get(call, 0),
            end_reason=reason, voicemail_from=voicemail_from, emergency=voicemail_from is not None,
        )
        if reason is EndReason.CALLER_HUNG_UP:
            self._send(link.LegHungUp(call=call, leg=CALLER))
        self._send(link.Ended(call=call, summary=self.ended[call]))

    # -- what was ordered --------------------------------------------------------------------

    def sent(self, call: CallId, kind: type) -> list[link.Order]:
        return [o for o in self.orders if isinstance(o, kind) and getattr(o, "call", None) == call]

    def wait(self, call: CallId, kind: type, seconds: float = 10) -> link.Order:
        """The first order of a kind for a call."""
        wait_for(lambda: self.sent(call, kind), seconds, lambda: f"{kind.__name__} among {self.orders}")
        return self.sent(call, kind)[0]
