"""One RTP leg: a socket, a sender on the 20 ms clock, a receiver with a jitter buffer.

All methods run on the media thread (see MediaEngine.call), except the constructor.
"""

import random
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from app.media import g711, rtp
from app.media.jitter import JitterBuffer
from app.media.sdp import AudioMedia
from app.media.tones import mixed
from app.telephony.leg_port import Listener, Prompt

_MASK16 = 0xFFFF
_MASK32 = 0xFFFFFFFF
READS_PER_WAKE = 32
_RELATCH_AFTER_S = 2.0
#: Ticks without a packet of whoever is relayed here until silence is sent in its place: a trunk
#: cuts a call that carries no RTP.
_UNFED_TICKS = 10
_EVENT_FRAMES = 8
_EVENT_END_COPIES = 3

Played = Callable[[str], None]
Digit = Callable[[str], None]


@dataclass(slots=True)
class LegStatistics:
    """Counters of one leg; ``worst_gap_s`` is the longest time between two received packets."""

    received: int = 0
    sent: int = 0
    relayed: int = 0
    refused: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    worst_gap_s: float = 0.0

    def arrival(self, now: float) -> None:
        if self.received:
            self.worst_gap_s = max(self.worst_gap_s, now - self.last_at)
        else:
            self.first_at = now
        self.received += 1
        self.last_at = now

    @property
    def packets_per_s(self) -> float:
        span = self.last_at - self.first_at
        return (self.received - 1) / span if span > 0 else 0.0


@dataclass(slots=True)
class _Stream:
    """Our outgoing numbering: one SSRC, continuous over prompts, relay and splices."""

    ssrc: int = field(default_factory=lambda: random.getrandbits(32))
    sequence: int = field(default_factory=lambda: random.getrandbits(16))
    timestamp: int = field(default_factory=lambda: random.getrandbits(32))
    marker: bool = True
    relayed_ssrc: int | None = None
    sequence_offset: int = 0
    timestamp_offset: int = 0

    def skip(self, frames: int = 1) -> None:
        self.timestamp = (self.timestamp + frames * g711.FRAME_SAMPLES) & _MASK32

    def next(self, payload_type: int, payload: bytes) -> rtp.RtpPacket:
        packet = rtp.RtpPacket(
            payload_type, self.marker, self.sequence, self.timestamp, self.ssrc, payload
        )
        self.marker = False
        self.relayed_ssrc = None
        self.sequence = (self.sequence + 1) & _MASK16
        self.skip()
        return packet

    def relay(self, packet: rtp.RtpPacket, payload_type: int, payload: bytes) -> bytes:
        """The other side's packet in our numbering, as a datagram; order and gaps stay as they
        arrived."""
        if self.relayed_ssrc != packet.ssrc:
            self.relayed_ssrc = packet.ssrc
            self.sequence_offset = (self.sequence - packet.sequence) & _MASK16
            self.timestamp_offset = (self.timestamp - packet.timestamp) & _MASK32
        sequence = (packet.sequence + self.sequence_offset) & _MASK16
        timestamp = (packet.timestamp + self.timestamp_offset) & _MASK32
        if (sequence - self.sequence) & _MASK16 < 0x8000:
            self.sequence = (sequence + 1) & _MASK16
            self.timestamp = (timestamp + g711.FRAME_SAMPLES) & _MASK32
        return rtp.datagram(payload_type, packet.marker, sequence, timestamp, self.ssrc, payload)


def bind_rtp_socket(address: str, port: int) -> socket.socket:
    """A non-blocking UDP socket with room for a stall of half a second. Raises OSError."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262144)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


class RtpLeg:
    """Implements MediaLeg over a UDP socket.

    What is heard goes through the jitter buffer to ``pop_pcm``, and to listeners at once. What we
    play is queued as prompts and sent by ``send_tick``.
    """

    def __init__(self, sock: socket.socket, *, on_digit: Digit, on_played: Played) -> None:
        self.sock = sock
        self.port: int = sock.getsockname()[1]
        self.payload_type = g711.PCMU
        self.event_type: int | None = None
        self.remote: tuple[str, int] | None = None
        self._listeners: tuple[Listener, ...] = ()
        self._fed = False
        self._unfed_ticks = 0
        self.statistics = LegStatistics()
        self.muted = False
        #: Sound under everything that we play, such as the room a simulated caller stands in.
        self.background: Prompt | None = None
        self._on_digit = on_digit
        self._on_played = on_played
        self._stream = _Stream()
        self._jitter = JitterBuffer()
        self._prompts: deque[Prompt] = deque()
        self._events: deque[rtp.RtpPacket] = deque()
        self._latched: tuple[str, int] | None = None
        self._heard_ssrc: int | None = None
        self._event_timestamp: int | None = None

    def set_remote(self, audio: AudioMedia, payload_type: int) -> None:
        """Where to send and in which law, from the other side's SDP; latching starts again."""
        self.remote = (audio.address, audio.port)
        self.payload_type = payload_type
        self.event_type = audio.event_type
        self.muted = audio.on_hold
        self._latched = None

    # -- receiving ---------------------------------------------------------------------------

    def readable(self, at_most: int = READS_PER_WAKE) -> None:
        """Take what has arrived; a bad datagram is counted and dropped."""
        for _ in range(at_most):
            try:
                datagram, source = self.sock.recvfrom(2048)
            except OSError:
                return
            try:
                packet = rtp.parse(datagram)
            except rtp.RtpError:
                self.statistics.refused += 1
                continue
            if packet is not None:
                self._take(packet, source)

    def _take(self, packet: rtp.RtpPacket, source: tuple[str, int]) -> None:
        if self.remote is None or not self._is_from_peer(source):
            self.statistics.refused += 1
            return
        if packet.payload_type == self.event_type:
            self._take_event(packet)
        elif packet.payload_type == self.payload_type:
            self._take_audio(packet)
        else:
            self.statistics.refused += 1

    def _is_from_peer(self, source: tuple[str, int]) -> bool:
        """Symmetric RTP (RFC 4961): the first source wins, another only after two dead seconds."""
        if source == self._latched:
            return True
        quiet_s = time.monotonic() - self.statistics.last_at
        if self._latched is not None and quiet_s < _RELATCH_AFTER_S:
            return False
        self._latched = self.remote = source
        return True

    def _take_audio(self, packet: rtp.RtpPacket) -> None:
        self.statistics.arrival(time.monotonic())
        if packet.ssrc != self._heard_ssrc:
            if self._heard_ssrc is not None:
                self._jitter.reset()
            self._heard_ssrc = packet.ssrc
        for listener in self._listeners:
            law = listener.payload_type
            listener.relay(packet, law, g711.transcode(self.payload_type, law, packet.payload))
        self._jitter.put(packet.sequence, packet.payload)

    def _take_event(self, packet: rtp.RtpPacket) -> None:
        event = rtp.parse_event(packet.payload)
        if event is not None and packet.timestamp != self._event_timestamp:
            self._event_timestamp = packet.timestamp
            self._on_digit(event.digit)
        for listener in self._listeners:
            if listener.event_type is not None:
                listener.relay(packet, listener.event_type, packet.payload)

    def pop_pcm(self) -> bytes:
        """The next 20 ms of what this side said, silence where nothing came."""
        payload = self._jitter.pop()
        if payload is None or len(payload) != g711.FRAME_SAMPLES:
            return g711.SILENT_PCM
        return g711.decode(self.payload_type, payload)

    # -- sending -----------------------------------------------------------------------------

    @property
    def received(self) -> int:
        return self.statistics.received

    def relay(self, packet: rtp.RtpPacket, payload_type: int, payload: bytes) -> None:
        """Send another leg's packet in our numbering; while a prompt plays it is heard alone."""
        self._unfed_ticks = 0
        if self.remote is None or self.muted or self._prompts:
            return
        self._send(self._stream.relay(packet, payload_type, payload))
        self.statistics.relayed += 1

    def play(self, prompt: Prompt) -> None:
        """Queue a prompt behind those that wait."""
        self._prompts.append(prompt)

    def stop(self) -> None:
        """Drop all prompts at once (barge-in); they are reported as played."""
        dropped = list(self._prompts)
        self._prompts.clear()
        for prompt in dropped:
            self._on_played(prompt.token)

    def send_digit(self, digit: str) -> None:
        """Queue a telephone event of 160 ms with three end packets (RFC 4733 section 2.5.1.4)."""
        if self.event_type is None:
            return
        timestamp = self._stream.timestamp
        steps = [(n, False) for n in range(1, _EVENT_FRAMES)]
        steps += [(_EVENT_FRAMES, True)] * _EVENT_END_COPIES
        for index, (frames, end) in enumerate(steps):
            event = rtp.TelephoneEvent(digit, end, frames * g711.FRAME_SAMPLES)
            payload = rtp.serialise_event(event)
            self._events.append(
                rtp.RtpPacket(self.event_type, index == 0, 0, timestamp, 0, payload)
            )

    def relay_to(self, listeners: tuple[Listener, ...]) -> None:
        """Pass on what arrives, undecoded, from now on; nobody gives the clock to prompts."""
        self._listeners = listeners

    def feed(self, relayed: bool) -> None:
        """Whether another leg's packets are relayed to this one: then silence is not ours."""
        if relayed != self._fed:
            self._fed = relayed
            self._stream.relayed_ssrc = None
            self._stream.marker = True

    def send_tick(self, live: bytes | None = None) -> bytes:
        """Send this tick's packet where the relay does not, and tell which prompt was played."""
        prompt = self._next_prompt_frame()
        self._send_frame(prompt if prompt is not None else live)
        return prompt or g711.SILENT_PCM

    def _send_frame(self, frame: bytes | None) -> None:
        under = self.background.next_frame() if self.background is not None else None
        if under is not None:
            frame = mixed(frame, under) if frame is not None else under
        if frame is None and self._is_fed():
            return
        if self.remote is None or self.muted:
            self._stream.skip()
        elif self._events:
            event = self._events.popleft()
            numbered = self._stream.next(event.payload_type, event.payload)
            moved = numbered._replace(timestamp=event.timestamp, marker=event.marker)
            self._send(rtp.serialise(moved))
        else:
            payload = (
                g711.encode(self.payload_type, frame)
                if frame is not None
                else g711.SILENT_PAYLOAD[self.payload_type]
            )
            self._send(rtp.serialise(self._stream.next(self.payload_type, payload)))

    def _is_fed(self) -> bool:
        """Whether the relay fills this tick; who says nothing (mute, DTX) leaves it to us."""
        if not self._fed:
            return False
        self._unfed_ticks += 1
        if self._unfed_ticks == _UNFED_TICKS:
            self._stream.skip(_UNFED_TICKS)
        return self._unfed_ticks <= _UNFED_TICKS

    def _next_prompt_frame(self) -> bytes | None:
        while self._prompts:
            prompt = self._prompts[0]
            frame = prompt.next_frame()
            if frame is not None:
                return frame
            self._prompts.popleft()
            self._on_played(prompt.token)
        return None

    def _send(self, datagram: bytes) -> None:
        assert self.remote is not None  # noqa: S101  callers checked it
        try:
            self.sock.sendto(datagram, self.remote)
        except OSError:
            self.statistics.refused += 1
            return
        self.statistics.sent += 1
