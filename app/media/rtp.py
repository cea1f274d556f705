"""RTP packets (RFC 3550 section 5.1) and telephone events (RFC 4733): parse and serialise."""

import struct
from typing import NamedTuple

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
HEADER_BYTES = _HEADER.size
VERSION = 2
DIGITS = "0123456789*#ABCD"


class RtpError(ValueError):
    """A datagram that is no RTP packet; the text says what is wrong with it."""


class RtpPacket(NamedTuple):
    """One media packet. ``timestamp`` counts samples; ``sequence`` and ``timestamp`` wrap."""

    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def _payload_start(datagram: bytes, first_byte: int) -> int:
    start = HEADER_BYTES + 4 * (first_byte & 0x0F)
    if first_byte & 0x10:
        if len(datagram) < start + 4:
            raise RtpError("header extension is cut short")
        (words,) = struct.unpack_from("!H", datagram, start + 2)
        start += 4 + 4 * int(words)
    return start


def parse(datagram: bytes) -> RtpPacket | None:
    """The packet in a datagram, or None for RTCP multiplexed on the port (RFC 5761).

    Raises RtpError for anything else that is not a version 2 packet with a payload.
    """
    size = len(datagram)
    if size < HEADER_BYTES:
        raise RtpError(f"{size} bytes, an RTP header has {HEADER_BYTES}")
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
    if first >> 6 != VERSION:
        raise RtpError(f"RTP version {first >> 6}, expected {VERSION}")
    payload_type = second & 0x7F
    if 64 <= payload_type <= 95:
        return None
    start = _payload_start(datagram, first)
    end = size - datagram[-1] if first & 0x20 else size
    if end <= start:
        raise RtpError("no payload after the header")
    marker = bool(second & 0x80)
    return RtpPacket(payload_type, marker, sequence, timestamp, ssrc, datagram[start:end])


def serialise(packet: RtpPacket) -> bytes:
    """The datagram of a packet, without extension, padding or contributing sources."""
    return datagram(*packet)


def datagram(
    payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes
) -> bytes:
    """The same from its fields."""
    second = payload_type | (0x80 if marker else 0)
    return _HEADER.pack(VERSION << 6, second, sequence, timestamp, ssrc) + payload


class TelephoneEvent(NamedTuple):
    """A named event (RFC 4733 section 2.3): ``digit`` is one of ``0-9 * # A-D``."""

    digit: str
    end: bool
    duration: int


def parse_event(payload: bytes) -> TelephoneEvent | None:
    """The DTMF event in a payload, or None where it is another event or cut short."""
    if len(payload) < _EVENT.size:
        return None
    code, flags, duration = _EVENT.unpack_from(payload)
    if code >= len(DIGITS):
        return None
    return TelephoneEvent(DIGITS[code], bool(flags & 0x80), duration)


def serialise_event(event: TelephoneEvent, volume_dbm0: int = 10) -> bytes:
    """The payload of a DTMF event; volume is the power below 0 dBm0, 0 to 63."""
    flags = (0x80 if event.end else 0) | (volume_dbm0 & 0x3F)
    return _EVENT.pack(DIGITS.index(event.digit), flags, event.duration)
