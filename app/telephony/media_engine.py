"""The media thread: reads every leg's socket and ticks every session on an absolute 20 ms clock.

Sockets are read once a step of 5 ms: a wake-up a packet would cost more than the packet. Without
legs and sessions the thread sleeps until it is called.
"""

import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Protocol

from app.media.g711 import FRAME_MS
from app.telephony.rtp_leg import READS_PER_WAKE, RtpLeg, bind_rtp_socket

log = logging.getLogger(__name__)

SLOTS = 4
_STEP_S = FRAME_MS / 1000 / SLOTS
_STALL_S = 0.5


class MediaSession(Protocol):
    """What is ticked once every 20 ms on the media thread."""

    def tick(self) -> None: ...


class MediaEngine:
    """Sessions are spread over four slots, 5 ms apart, so that packets leave evenly.

    The clock is absolute: a late tick does not delay the next one. A stall of over half a second
    (suspended machine) moves the clock instead of sending a burst.
    """

    def __init__(self) -> None:
        self.late_worst_s = 0.0
        self.errors = 0
        self._slots: list[set[MediaSession]] = [set() for _ in range(SLOTS)]
        self._next_slot = 0
        self._selector = selectors.DefaultSelector()
        self._waker = selectors.DefaultSelector()
        self._calls: deque[Callable[[], None]] = deque()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._waker.register(self._wake_in, selectors.EVENT_READ)
        self._behind: set[RtpLeg] = set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="media", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread and wait for it."""
        self._stopping = True
        self.call(lambda: None)
        self._thread.join(timeout=2)

    def call(self, function: Callable[[], None]) -> None:
        """Run a function on the media thread, in order, from any thread."""
        self._calls.append(function)
        self._wake_out.send(b"\0")

    # -- on the media thread -----------------------------------------------------------------

    def add_session(self, session: MediaSession) -> None:
        self._slots[self._next_slot % SLOTS].add(session)
        self._next_slot += 1

    def remove_session(self, session: MediaSession) -> None:
        for slot in self._slots:
            slot.discard(session)

    def add_leg(self, leg: RtpLeg) -> None:
        self._selector.register(leg.sock, selectors.EVENT_READ, leg)

    def remove_leg(self, leg: RtpLeg) -> None:
        if leg.sock.fileno() >= 0:
            self._selector.unregister(leg.sock)
            leg.sock.close()
        # without calls there is no next step that would forget it
        self._behind.discard(leg)

    def _run(self) -> None:
        start = time.monotonic()
        step = 0
        while not self._stopping:
            if self._idle:
                self._wait(None)
                start = time.monotonic() - step * _STEP_S
                continue
            due = start + (step + 1) * _STEP_S
            self._wait(max(0.0, due - time.monotonic()))
            late = time.monotonic() - due
            if late < 0:
                continue
            step += 1
            self.late_worst_s = max(self.late_worst_s, late)
            if late > _STALL_S:
                start = time.monotonic() - step * _STEP_S
            self._step(step % SLOTS)

    @property
    def _idle(self) -> bool:
        return not self._selector.get_map() and not any(self._slots)

    def _step(self, slot: int) -> None:
        """Read what has come, then tick the sessions of this slot.

        One packet in 20 ms is ordinary and costs one read; a leg that has something in two steps
        running is behind, and is read until it is empty.
        """
        ready = {key.data for key, _ in self._selector.select(0)}
        for leg in ready:
            self._guard(partial(leg.readable, READS_PER_WAKE if leg in self._behind else 1))
        self._behind = ready
        for session in tuple(self._slots[slot]):
            self._guard(session.tick)

    def _wait(self, seconds: float | None) -> None:
        """Sleep, or do what other threads ask for in the meantime."""
        if self._waker.select(seconds):
            self._wake_in.recv(4096)
        while self._calls:
            self._guard(self._calls.popleft())

    def _guard(self, function: Callable[[], None]) -> None:
        """A bug in one call must not stop the clock of the others."""
        try:
            function()
        except Exception:
            self.errors += 1
            if self.errors == 1 or self.errors % 500 == 0:
                log.exception("media step failed (%d so far)", self.errors)


class PortPool:
    """Even UDP ports of a range, handed out round-robin so that late packets find no new call."""

    def __init__(self, first: int, last: int) -> None:
        self._free = deque(range(first + first % 2, last + 1, 2))
        self._lock = threading.Lock()

    def bind(self, address: str) -> socket.socket:
        """A bound socket on a free port. Raises OSError where none is left."""
        with self._lock:
            for _ in range(len(self._free)):
                port = self._free.popleft()
                try:
                    return bind_rtp_socket(address, port)
                except OSError:
                    self._free.append(port)
        raise OSError("no free RTP port: widen HOLDLINE_RTP_PORTS")

    def release(self, port: int) -> None:
        with self._lock:
            self._free.append(port)
