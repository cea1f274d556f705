"""A small reorder buffer for one RTP stream: fixed depth, bounded, resynchronising."""

_WRAP = 1 << 16
_HALF = 1 << 15
JUMP_PACKETS = 100


class JitterBuffer:
    """Put packets as they arrive, pop one every 20 ms.

    ``depth`` packets are gathered before the first comes out; more than ``limit`` are trimmed to
    ``depth`` (bounded delay and memory). A jump of over 100 sequence numbers, or starvation,
    starts it anew. Counters: ``lost``, ``late``, ``trimmed``, ``resyncs``.
    """

    __slots__ = (
        "_next", "_packets", "_started", "depth", "late", "limit", "lost", "resyncs", "trimmed",
    )  # fmt: skip

    def __init__(self, depth: int = 3, limit: int = 10) -> None:
        self.depth = depth
        self.limit = limit
        self.lost = self.late = self.trimmed = self.resyncs = 0
        self._packets: dict[int, bytes] = {}
        self._next = 0
        self._started = False

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, sequence: int, payload: bytes) -> None:
        """Keep a packet; one that comes after its turn is counted as late and dropped."""
        if self._started and not self._in_window(sequence):
            return
        self._packets[sequence] = payload
        if not self._started:
            self._start_when_full(sequence)
        elif len(self._packets) > self.limit:
            self._trim()

    def _in_window(self, sequence: int) -> bool:
        ahead = (sequence - self._next) % _WRAP
        if ahead < _HALF:
            if ahead > JUMP_PACKETS:
                self.reset()
            return True
        if _WRAP - ahead > JUMP_PACKETS:
            self.reset()
            return True
        self.late += 1
        return False

    def _start_when_full(self, newest: int) -> None:
        if len(self._packets) < self.depth:
            return
        self._next = min(self._packets, key=lambda s: (s - newest + _HALF) % _WRAP)
        self._started = True

    def _trim(self) -> None:
        while len(self._packets) > self.depth:
            if self._packets.pop(self._next, None) is not None:
                self.trimmed += 1
            self._next = (self._next + 1) % _WRAP

    def reset(self) -> None:
        """Forget everything and gather ``depth`` packets again (new stream, long gap)."""
        self._packets.clear()
        self._started = False
        self.resyncs += 1

    def pop(self) -> bytes | None:
        """The payload whose turn it is; None while gathering, or where it was lost."""
        if not self._started:
            return None
        payload = self._packets.pop(self._next, None)
        if payload is None:
            if not self._packets:
                self._started = False
                return None
            self.lost += 1
        self._next = (self._next + 1) % _WRAP
        return payload
