"""The bridge's end of the link: connects, reconnects, sends facts and audio, takes orders."""

import logging
import queue
import threading
import time
from typing import Protocol

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from app.bridge.tape import Tape
from app.domain.calls.ids import CallId
from app.link import codec
from app.link.messages import Ended, Fact, Hello, Order, Welcome

log = logging.getLogger(__name__)

AUDIO_INTERVAL_S = 0.06
CATCH_UP_FRAMES = 50
MAX_BACKOFF_S = 0.4
MAX_PROMPT_BYTES = 16 * 1024 * 1024


class LinkOwner(Protocol):
    """The bridge, called on the link's threads."""

    def hello(self) -> Hello: ...
    def on_order(self, order: Order) -> None: ...
    def on_prompt(self, prompt: codec.PromptAudio) -> None: ...
    def on_link(self, up: bool) -> None: ...


class _Cursor:
    """How far a call's tape has been sent."""

    __slots__ = ("next_frame", "tape")

    def __init__(self, tape: Tape, next_frame: int) -> None:
        self.tape = tape
        self.next_frame = next_frame


class LinkClient:
    """Facts of calls are not queued while there is no brain: ``hello`` tells how all stands."""

    def __init__(self, url: str, secret: str, owner: LinkOwner) -> None:
        self._url = url
        self._secret = secret
        self._owner = owner
        self._facts: queue.SimpleQueue[Fact] = queue.SimpleQueue()
        self._tapes: dict[CallId, Tape] = {}
        self._cursors: dict[CallId, _Cursor] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._up = threading.Event()
        self._refusals = 0

    @property
    def up(self) -> bool:
        return self._up.is_set()

    def start(self) -> None:
        threading.Thread(target=self._run, name="link", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def report(self, fact: Fact) -> None:
        if self.up:
            self._facts.put(fact)

    def add_tape(self, call: CallId, tape: Tape) -> None:
        """Send this call's audio from its first frame on."""
        with self._lock:
            self._tapes[call] = tape
            if self.up:
                self._cursors[call] = _Cursor(tape, 0)

    def remove_tape(self, call: CallId) -> None:
        with self._lock:
            self._tapes.pop(call, None)
            self._cursors.pop(call, None)

    # -- link threads ------------------------------------------------------------------------

    def _run(self) -> None:
        backoff = 0.1
        while not self._stopping.is_set():
            try:
                self._session()
                backoff = 0.1
            except (OSError, ConnectionClosed, InvalidHandshake, codec.LinkError) as error:
                self._note(error)
            finally:
                self._down()
            self._stopping.wait(backoff)
            backoff = min(MAX_BACKOFF_S, backoff * 2)

    def _note(self, error: Exception) -> None:
        if isinstance(error, InvalidHandshake | codec.LinkError):
            self._refusals += 1
            if self._refusals in (1, 10) or self._refusals % 100 == 0:
                hint = "check HOLDLINE_SECRET_FILE, and that bridge and brain are of one version"
                log.error("the brain refuses the link (%s): %s", error, hint)
        elif self.up:
            log.warning("link lost: %s", type(error).__name__)

    def _down(self) -> None:
        was_up = self.up
        self._up.clear()
        with self._lock:
            self._cursors.clear()
        if was_up:
            self._owner.on_link(False)

    def _session(self) -> None:
        headers = {"Authorization": f"Bearer {self._secret}"}
        with connect(
            self._url, additional_headers=headers, open_timeout=5, close_timeout=1, proxy=None,
            subprotocols=[Subprotocol(codec.SUBPROTOCOL)], max_size=MAX_PROMPT_BYTES,
            compression=None, ping_interval=5, ping_timeout=15,
        ) as socket:  # fmt: skip
            self._drop_stale_facts()
            socket.send(codec.encode(self._owner.hello()))
            welcome = codec.decode_order(str(socket.recv(timeout=10)))
            self._begin(codec.expect(Welcome, welcome))
            sender = threading.Thread(target=self._send_loop, args=(socket,), daemon=True)
            sender.start()
            self._receive_loop(socket)
            self._up.clear()
            sender.join(timeout=2)

    def _drop_stale_facts(self) -> None:
        while not self._facts.empty():
            self._facts.get()

    def _begin(self, welcome: Welcome) -> None:
        with self._lock:
            self._up.set()
            for call, tape in self._tapes.items():
                self._cursors[call] = _Cursor(tape, welcome.resume.get(call, 0))
        log.info("link up")
        self._owner.on_link(True)

    def _receive_loop(self, socket: ClientConnection) -> None:
        for message in socket:
            try:
                if isinstance(message, bytes):
                    prompt = codec.decode_binary(message)
                    if isinstance(prompt, codec.PromptAudio):
                        self._owner.on_prompt(prompt)
                else:
                    self._owner.on_order(codec.decode_order(message))
            except codec.LinkError as error:
                log.warning("bad order from the brain: %s", error)

    def _send_loop(self, socket: ClientConnection) -> None:
        due = time.monotonic()
        try:
            while self.up:
                due += AUDIO_INTERVAL_S
                self._send_facts(socket, due)
                self._send_audio(socket)
                due = max(due, time.monotonic() - 1)
        except (OSError, ConnectionClosed):
            self._up.clear()

    def _send_facts(self, socket: ClientConnection, until: float) -> None:
        while True:
            left = until - time.monotonic()
            try:
                fact = self._facts.get(timeout=left) if left > 0 else self._facts.get_nowait()
            except queue.Empty:
                return
            if isinstance(fact, Ended):
                self._send_audio(socket)
            socket.send(codec.encode(fact))

    def _send_audio(self, socket: ClientConnection) -> None:
        with self._lock:
            cursors = list(self._cursors.items())
        records = [self._next(call, cursor) for call, cursor in cursors]
        if any(records):
            socket.send(b"".join(records))

    def _next(self, call: CallId, cursor: _Cursor) -> bytes:
        """The record of what is new on a call's tape; empty where nothing is."""
        chunk = cursor.tape.read(cursor.next_frame, CATCH_UP_FRAMES)
        if chunk is None:
            return b""
        audio = codec.Audio(call, chunk.first, chunk.tracks)
        cursor.next_frame = audio.first_frame + audio.frames
        return codec.encode_audio(audio)
