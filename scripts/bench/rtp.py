"""RTP of many phones on one thread: a send clock, and arrivals as the kernel stamps them.

What a phone measures must not depend on when this process gets to run: packets leave on an absolute
clock whose own lateness is kept, and a packet's arrival is the kernel's (SO_TIMESTAMPNS).
"""

import contextlib
import math
import os
import random
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field

from app.media import g711
from scripts.bench.speech import Frames

_SO_TIMESTAMPNS = 35
_STAMP = struct.Struct("@qq")
_HEADER = struct.Struct(">BBHII")
_SLOTS = 10
_STEP_S = g711.FRAME_MS / 1000 / _SLOTS
_SILENCE = g711.SILENT_PAYLOAD[g711.PCMU]


#: A longer gap or delay is kept with its moment; no more of them than this.
NOTED_S, _MOST_NOTED = 0.030, 500
#: (moment of its end in seconds of the epoch, length in seconds)
Noted = tuple[float, float]


class Delays:
    """The worst of many, and each long one with its moment."""

    def __init__(self) -> None:
        self.worst_short_s = 0.0
        self.long: list[Noted] = []

    def note(self, at: float, length_s: float) -> None:
        if length_s <= NOTED_S:
            self.worst_short_s = max(self.worst_short_s, length_s)
        elif len(self.long) < _MOST_NOTED:
            self.long.append((at, length_s))


@dataclass(slots=True)
class Window:
    """What one phone counted since the last mark."""

    received: int = 0
    gaps: Delays = field(default_factory=Delays)


class Lateness:
    """A histogram of delays in tenths of a millisecond: to read it must not itself cause one."""

    def __init__(self) -> None:
        self.counts = [0] * 1000
        self.delays = Delays()

    def note(self, late_s: float) -> None:
        self.counts[min(999, max(0, int(late_s * 10_000)))] += 1
        self.delays.note(time.time(), late_s)

    def p99_s(self) -> float:
        """Upper bound of the 99th percentile, in seconds; NaN where nothing was noted."""
        total = sum(self.counts)
        left = total * 0.99
        for tenths, count in enumerate(self.counts, 1):
            left -= count
            if total and left <= 0:
                return tenths / 10_000
        return math.nan


@dataclass(slots=True)
class Saying:
    """A sentence on its way; ``ended_at`` is set with ``over``."""

    frames: deque[bytes]
    over: threading.Event = field(default_factory=threading.Event)
    ended_at: float = 0.0


class Line:
    """One phone's RTP stream (PCMU). Methods with an underscore run on the clock's thread."""

    def __init__(self) -> None:
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        self.sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.sock.bind(("127.0.0.1", 0))
        self.port: int = self.sock.getsockname()[1]
        self.remote: tuple[str, int] | None = None
        self.heard = 0
        self.window = Window()
        self._last_at = 0.0
        self._saying: Saying | None = None
        self._ssrc, self._sequence, self._time = (random.getrandbits(n) for n in (32, 15, 31))

    def say(self, frames: Frames) -> Saying:
        """Send this next; one sentence at a time."""
        saying = self._saying = Saying(deque(frames))
        return saying

    def tick(self) -> None:
        """Twenty milliseconds: one packet out, all that came in (clock's thread)."""
        self._read()
        if self.remote is not None:
            with contextlib.suppress(OSError):
                self.sock.sendto(self._packet(), self.remote)
        if self._saying is not None and not self._saying.frames:
            saying, self._saying = self._saying, None
            saying.ended_at = time.time()
            saying.over.set()

    def _packet(self) -> bytes:
        saying = self._saying
        payload = saying.frames.popleft() if saying is not None and saying.frames else _SILENCE
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._time = (self._time + g711.FRAME_SAMPLES) & 0xFFFFFFFF
        return _HEADER.pack(0x80, g711.PCMU, self._sequence, self._time, self._ssrc) + payload

    def _read(self) -> None:
        while True:
            try:
                _, stamps, _, _ = self.sock.recvmsg(2048, 64)
            except OSError:
                return
            seconds, nanoseconds = _STAMP.unpack(stamps[0][2])
            self._arrived(seconds + nanoseconds / 1e9)

    def _arrived(self, at: float) -> None:
        if self._last_at:
            self.window.gaps.note(at, at - self._last_at)
        self._last_at = at
        self.window.received += 1
        self.heard += 1


class SendClock:
    """Ticks every line once in 20 ms, a tenth of them every 2 ms, on one thread."""

    def __init__(self) -> None:
        self._slots: list[list[Line]] = [[] for _ in range(_SLOTS)]
        self._next = 0
        self._lock = threading.Lock()
        self._lateness = Lateness()
        self._stopping = False
        self.real_time = False
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(timeout=2)

    def add(self, line: Line) -> None:
        with self._lock:
            self._slots[self._next % _SLOTS] = [*self._slots[self._next % _SLOTS], line]
            self._next += 1

    def remove(self, line: Line) -> None:
        with self._lock:
            self._slots = [[each for each in slot if each is not line] for slot in self._slots]
        line.remote = None

    def lateness(self) -> Lateness:
        """How late its steps were since this was last asked."""
        found, self._lateness = self._lateness, Lateness()
        return found

    def _run(self) -> None:
        self.real_time = _in_real_time()
        began, step = time.monotonic(), 0
        while not self._stopping:
            step += 1
            due = began + step * _STEP_S
            time.sleep(max(0.0, due - time.monotonic()))
            self._lateness.note(time.monotonic() - due)
            for line in self._slots[step % _SLOTS]:
                line.tick()


def _in_real_time() -> bool:
    """Whether this thread goes before all others now: the phones stand for other machines."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        return False
    return True
