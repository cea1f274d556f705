"""The part of SDP (RFC 8866, offer/answer RFC 3264) that G.711 calls need: parse and build."""

import ipaddress
from dataclasses import dataclass

from app.media.g711 import NAMES, PCMA, PCMU

DIRECTIONS = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


class SdpError(ValueError):
    """No session that we can answer; the text names the line that is missing or wrong."""


@dataclass(frozen=True, slots=True)
class AudioMedia:
    """The audio of one side: where it listens, in which G.711 laws, in which direction.

    ``event_type`` is the payload type of telephone-event (RFC 4733), None where not offered.
    """

    address: str
    port: int
    payload_types: tuple[int, ...]
    event_type: int | None = None
    direction: str = "sendrecv"

    @property
    def on_hold(self) -> bool:
        """Whether the other side does not want to hear us (RFC 3264 section 8.4)."""
        return self.direction in ("sendonly", "inactive") or self.address == "0.0.0.0"  # noqa: S104

    def choose(self) -> int | None:
        """The first law of the other side's list that we speak, None where there is none."""
        return next((pt for pt in self.payload_types if pt in NAMES), None)


@dataclass(frozen=True, slots=True)
class OtherMedia:
    """A media line that we refuse: kept, so that the answer has as many lines as the offer."""

    kind: str
    protocol: str
    formats: str


@dataclass(frozen=True, slots=True)
class Session:
    """All media lines in their order and the place of the audio line that we take."""

    media: tuple[AudioMedia | OtherMedia, ...]
    audio_index: int

    @property
    def audio(self) -> AudioMedia:
        found = self.media[self.audio_index]
        if isinstance(found, OtherMedia):
            raise SdpError("no audio over RTP/AVP")
        return found


@dataclass(slots=True)
class _Section:
    kind: str
    port: int
    protocol: str
    formats: list[str]
    address: str
    direction: str
    event_type: int | None = None

    def line(self, kind: str, value: str) -> None:
        """Take a line that belongs to this media."""
        if kind == "c":
            self.address = _connection(value)
        elif kind == "a":
            self._attribute(value.strip())

    def _attribute(self, value: str) -> None:
        if value in DIRECTIONS:
            self.direction = value
        elif value.startswith("rtpmap:") and "telephone-event/8000" in value.lower():
            number = value[len("rtpmap:") :].split(maxsplit=1)[0]
            self.event_type = int(number) if number.isdigit() and int(number) < 128 else None

    def media(self) -> AudioMedia | OtherMedia:
        if self.kind != "audio" or self.protocol != "RTP/AVP":
            return OtherMedia(self.kind, self.protocol, " ".join(self.formats))
        types = tuple(int(f) for f in self.formats if f.isdigit())
        return AudioMedia(self.address, self.port, types, self.event_type, self.direction)


def _connection(value: str) -> str:
    parts = value.split()
    return parts[2].split("/")[0] if len(parts) == 3 else ""


def _media_line(value: str, address: str, direction: str) -> _Section:
    parts = value.split()
    port = parts[1].split("/")[0] if len(parts) >= 4 else ""
    if not port.isdigit() or int(port) > 65535:
        raise SdpError(f"bad media line m={value[:60]}")
    return _Section(parts[0], int(port), parts[2], parts[3:], address, direction)


def _check_address(audio: AudioMedia) -> None:
    """Only literals: a host name would block the media thread in a DNS look-up."""
    try:
        ipaddress.IPv4Address(audio.address)
    except ValueError:
        raise SdpError(f"connection address {audio.address[:40]!r} is no IPv4 literal") from None


def _sections(text: str) -> list[_Section]:
    address, direction = "", "sendrecv"
    sections: list[_Section] = []
    for line in text.replace("\r", "").split("\n"):
        kind, _, value = line.partition("=")
        if kind == "m":
            sections.append(_media_line(value, address, direction))
        elif sections:
            sections[-1].line(kind, value)
        elif kind == "c":
            address = _connection(value)
        elif kind == "a" and value.strip() in DIRECTIONS:
            direction = value.strip()
    return sections


def parse(text: str) -> Session:
    """Read an offer or an answer. Raises SdpError where there is no usable audio line."""
    media = tuple(section.media() for section in _sections(text))
    for index, item in enumerate(media):
        if isinstance(item, AudioMedia) and item.port and item.choose() is not None:
            _check_address(item)
            return Session(media, index)
    raise SdpError("no audio line over RTP/AVP with PCMU or PCMA")


def _audio_lines(audio: AudioMedia) -> list[str]:
    formats = [str(pt) for pt in audio.payload_types]
    maps = [f"a=rtpmap:{pt} {NAMES[pt]}/8000" for pt in audio.payload_types]
    if audio.event_type is not None:
        formats.append(str(audio.event_type))
        maps.append(f"a=rtpmap:{audio.event_type} telephone-event/8000")
        maps.append(f"a=fmtp:{audio.event_type} 0-15")
    line = f"m=audio {audio.port} RTP/AVP {' '.join(formats)}"
    return [line, *maps, "a=ptime:20", f"a={audio.direction}"]


def build(media: tuple[AudioMedia | OtherMedia, ...], address: str, version: int) -> str:
    """An SDP body with these lines; refused media get port 0 (RFC 3264 section 6)."""
    lines = ["v=0", f"o=holdline {version} {version} IN IP4 {address}", "s=-"]
    lines += [f"c=IN IP4 {address}", "t=0 0"]
    for item in media:
        if isinstance(item, AudioMedia):
            lines += _audio_lines(item)
        else:
            lines.append(f"m={item.kind} 0 {item.protocol} {item.formats}")
    return "\r\n".join(lines) + "\r\n"


def offer(address: str, port: int) -> str:
    """Our own offer: PCMU before PCMA, telephone-event 101."""
    audio = AudioMedia(address, port, (PCMU, PCMA), 101)
    return build((audio,), address, 1)


def answer(session: Session, address: str, port: int, version: int = 1) -> str:
    """The answer to an offer: one law, the same lines, the direction turned round."""
    theirs = session.audio
    chosen = theirs.choose()
    assert chosen is not None  # noqa: S101  parse() refused the others
    direction = DIRECTIONS[theirs.direction]
    ours = AudioMedia(address, port, (chosen,), theirs.event_type, direction)
    media = list(session.media)
    media[session.audio_index] = ours
    rest = [OtherMedia("audio", "RTP/AVP", "0") if isinstance(m, AudioMedia) and m is not ours
            else m for m in media]  # fmt: skip
    return build(tuple(rest), address, version)
