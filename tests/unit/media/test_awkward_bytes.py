"""Bytes that peers really send, one file each in tests/data/wire: read as they should be, or refused with the reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.link import codec
from app.media import rtp, sdp

FOLDER = Path(__file__).resolve().parents[2] / "data" / "wire"


def _rtp(data: bytes) -> Any:
    packet = rtp.parse(data)
    return packet and (packet.sequence, packet.timestamp, len(packet.payload))


def _event(data: bytes) -> Any:
    event = rtp.parse_event(data)
    return event and (event.digit, event.end, event.duration)


def _link(data: bytes) -> Any:
    message = codec.decode_binary(data)
    assert isinstance(message, tuple), "audio of calls, no prompt"
    (audio,) = message
    return audio.first_frame, audio.frames, tuple(audio.tracks)


def _sdp(data: bytes) -> Any:
    audio = sdp.parse(data.decode("latin-1")).audio
    return audio.address, audio.port, audio.choose(), audio.event_type, audio.on_hold


_READERS: dict[str, Callable[[bytes], Any]] = {
    "rtp": _rtp, "rtcp": _rtp, "stun": _rtp, "sip": _rtp, "event": _event, "link": _link, "sdp": _sdp}

TAKEN = {
    "rtp-plain.bin": (1, 160, 160), "rtp-two-contributing-sources.bin": (1, 160, 160), "rtp-header-extension.bin": (1, 160, 160),
    "rtp-padded.bin": (1, 160, 160), "rtp-ten-milliseconds.bin": (1, 160, 80),
    "rtcp-sender-report.bin": None, "event-hash-end.bin": ("#", True, 160), "event-flash.bin": None, "event-cut.bin": None,
    "link-audio-two-tracks.bin": (5, 1, ("caller", "agent")), "link-audio-no-track.bin": (5, 0, ()),
    "sdp-plain.sdp": ("10.0.0.1", 4000, 8, 101, False), "sdp-line-feeds-only.sdp": ("10.0.0.1", 4000, 0, None, False),
    "sdp-video-before-audio.sdp": ("10.0.0.1", 4000, 0, None, False),
    "sdp-address-in-the-media.sdp": ("10.0.0.2", 4000, 0, None, False), "sdp-old-hold.sdp": ("0.0.0.0", 4000, 0, None, True)}
REFUSED = {
    "rtp-cut-in-the-header.bin": "11 bytes", "rtp-header-only.bin": "no payload", "rtp-extension-longer-than-the-packet.bin": "no payload",
    "rtp-extension-cut.bin": "extension", "rtp-padding-longer-than-the-packet.bin": "no payload", "rtp-padding-of-nothing-left.bin": "no payload",
    "rtp-version-1.bin": "version 1", "stun-binding-request.bin": "version 0", "sip-keepalive.bin": "4 bytes",
    "sip-on-the-media-port.bin": "version 1",
    "link-audio-short-track.bin": "bytes for 1 frames of 2", "link-audio-long-track.bin": "unknown", "link-audio-track-without-a-name.bin": "leg id",
    "link-audio-name-cut.bin": "bytes for 0 frames", "link-audio-name-of-other-letters.bin": "leg id", "link-audio-name-not-ascii.bin": "leg id",
    "link-audio-same-name-twice.bin": "twice", "link-audio-65535-frames-of-nothing.bin": "leg id", "link-kind-9.bin": "unknown",
    "link-version-1-audio.bin": "unknown",
    "sdp-port-zero.sdp": "no audio", "sdp-port-of-letters.sdp": "media line", "sdp-port-too-large.sdp": "media line",
    "sdp-no-address.sdp": "address", "sdp-name-for-address.sdp": "address", "sdp-ipv6.sdp": "address", "sdp-g729-only.sdp": "no audio",
    "sdp-encrypted.sdp": "no audio", "sdp-cut-line.sdp": "media line", "sdp-binary.sdp": "no audio", "sdp-empty.sdp": "no audio"}


def _read(name: str) -> Any:
    return _READERS[name.split("-", maxsplit=1)[0]]((FOLDER / name).read_bytes())


def test_every_file_is_read() -> None:
    assert {path.name for path in FOLDER.iterdir()} == TAKEN.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", TAKEN)
def test_odd_but_right(name: str) -> None:
    assert _read(name) == TAKEN[name]


@pytest.mark.parametrize("name", REFUSED)
def test_wrong_and_said_so(name: str) -> None:
    with pytest.raises((rtp.RtpError, sdp.SdpError, codec.LinkError), match=REFUSED[name]):
        _read(name)
