"""How messages are written on the wire, link version 2: JSON for facts and orders, binary audio.

A JSON message is the fields of its dataclass beside ``"v": 2`` and ``"type"``, the class's name in
snake case. Audio is one record or more: ``!B16sIHB`` (kind 1, call id, first frame, frames,
tracks), then of each track ``!B`` and a leg id, then the PCM16 of each track in the same order; a
frame is 20 ms at 8000 Hz.
A prompt is ``!B32s`` (kind 2, SHA-256 of the audio) and PCM16.
"""

import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from app.domain.calls.ids import AGENT, CallId, LegId
from app.link.messages import Fact, Order
from app.link.summary import CallSummary, check_call, check_leg
from app.media.g711 import FRAME_BYTES

VERSION: Final = 2
SUBPROTOCOL: Final = "holdline-link.v2"
PATH: Final = "/link"

_AUDIO = struct.Struct("!B16sIHB")
_PROMPT = struct.Struct("!B32s")
_KIND_AUDIO, _KIND_PROMPT = 1, 2

M = TypeVar("M")


class LinkError(ValueError):
    """A message that breaks the protocol; the text says how, without its data."""


# -- facts and orders ------------------------------------------------------------------------------


def type_name(message: type[object]) -> str:
    """The ``type`` of a message class on the wire: LegRinging is ``leg_ringing``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", message.__name__).lower()


FACTS: Final[Mapping[str, type[Any]]] = {type_name(m): m for m in get_args(Fact)}
ORDERS: Final[Mapping[str, type[Any]]] = {type_name(m): m for m in get_args(Order)}
_ADAPTERS: Final[Mapping[type[Any], TypeAdapter[Any]]] = {
    m: TypeAdapter(m) for m in (*FACTS.values(), *ORDERS.values())
}
_SUMMARY: Final = TypeAdapter(CallSummary)


def encode(message: Fact | Order) -> str:
    """The JSON of a fact or an order."""
    fields = _ADAPTERS[type(message)].dump_python(message, mode="json")
    head = {"v": VERSION, "type": type_name(type(message))}
    return json.dumps(head | fields, ensure_ascii=False)


def decode_fact(text: str) -> Fact:
    """Read what a bridge says. Raises LinkError."""
    fact: Fact = _decode(text, FACTS)
    return fact


def decode_order(text: str) -> Order:
    """Read what the brain asks for. Raises LinkError."""
    order: Order = _decode(text, ORDERS)
    return order


def expect(kind: type[M], message: object) -> M:
    """The message, where it is of this kind. Raises LinkError."""
    if not isinstance(message, kind):
        raise LinkError(f"expected {type_name(kind)}, got {type_name(type(message))}")
    return message


def _decode(text: str, allowed: Mapping[str, type[Any]]) -> Any:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise LinkError("control message is no JSON") from None
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise LinkError(f"expected link version {VERSION}")
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in allowed:
        raise LinkError("unexpected message type")
    return _validated(_ADAPTERS[allowed[kind]], text, kind)


def _validated(adapter: TypeAdapter[M], text: str, what: str) -> M:
    """Strictly: no number from a text. Fields that are not known are passed over."""
    try:
        return adapter.validate_json(text, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join((what, *(str(part) for part in first["loc"])))
        raise LinkError(f"{where}: {first['msg']}") from None


# -- the spool's files -----------------------------------------------------------------------------


def encode_summary(summary: CallSummary) -> str:
    """The JSON of a call's summary, with the version of its shape."""
    fields = _SUMMARY.dump_python(summary, mode="json")
    return json.dumps({"v": VERSION} | fields, ensure_ascii=False)


def decode_summary(text: str) -> CallSummary:
    """Read a summary of this version, or of version 1, which an upgrade may find: a message that
    a caller left is in it. Raises LinkError for any other text."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise LinkError("call summary is no JSON") from None
    if isinstance(body, dict) and "v" not in body and "agent" in body:
        # Version 1 had no legs: there was one agent, on the right side of the recording.
        return _validated(_SUMMARY, json.dumps(body | {"right": AGENT}), "call summary")
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise LinkError(f"expected a call summary of version {VERSION}")
    return _validated(_SUMMARY, text, "call summary")


# -- audio -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Audio:
    """Consecutive frames of a call: of each track PCM16, all equal in length."""

    call: CallId
    first_frame: int
    tracks: Mapping[LegId, bytes]

    def __post_init__(self) -> None:
        check_call(self.call)
        if len({len(pcm16) for pcm16 in self.tracks.values()}) > 1:
            raise ValueError("tracks differ in length")

    @property
    def frames(self) -> int:
        return len(next(iter(self.tracks.values()), b"")) // FRAME_BYTES


@dataclass(frozen=True, slots=True)
class PromptAudio:
    """A prompt's PCM16 under the SHA-256 of it; sent once a connection, then played by key."""

    key: str
    pcm16: bytes


def encode_audio(audio: Audio) -> bytes:
    """One record; a message is any number of them, one after the other. Raises ValueError for a
    leg id that is none."""
    call = bytes.fromhex(audio.call)
    parts = [_AUDIO.pack(_KIND_AUDIO, call, audio.first_frame, audio.frames, len(audio.tracks))]
    for leg in audio.tracks:
        check_leg(leg)
        parts.append(bytes([len(leg)]) + leg.encode("ascii"))
    return b"".join((*parts, *audio.tracks.values()))


def encode_prompt(prompt: PromptAudio) -> bytes:
    return _PROMPT.pack(_KIND_PROMPT, bytes.fromhex(prompt.key)) + prompt.pcm16


def decode_binary(data: bytes) -> tuple[Audio, ...] | PromptAudio:
    """Read a binary message. Raises LinkError for a wrong kind or length."""
    if len(data) >= _PROMPT.size and data[0] == _KIND_PROMPT:
        return PromptAudio(data[1 : _PROMPT.size].hex(), data[_PROMPT.size :])
    records: list[Audio] = []
    at = 0
    while at < len(data) or not records:
        audio, at = _audio_at(data, at)
        records.append(audio)
    return tuple(records)


def _audio_at(data: bytes, at: int) -> tuple[Audio, int]:
    """The record that begins there, and where the next one does. Raises LinkError."""
    if len(data) < at + _AUDIO.size or data[at] != _KIND_AUDIO:
        raise LinkError("unknown binary message")
    _, call, first, frames, tracks = _AUDIO.unpack_from(data, at)
    legs, start = _track_names(data, at + _AUDIO.size, tracks)
    size = frames * FRAME_BYTES
    end = start + len(legs) * size
    if end > len(data):
        raise LinkError(f"{len(data) - start} bytes for {frames} frames of {tracks} tracks")
    spans = {leg: data[start + n * size : start + (n + 1) * size] for n, leg in enumerate(legs)}
    return Audio(CallId(call.hex()), first, spans), end


def _track_names(data: bytes, at: int, count: int) -> tuple[list[LegId], int]:
    """The leg ids after a header, and where the audio begins. Raises LinkError."""
    legs: list[LegId] = []
    for _ in range(count):
        end = at + 1 + data[at] if at < len(data) else at
        legs.append(_leg_id(data[at + 1 : end]))
        at = end
    if len(set(legs)) != count:
        raise LinkError("a track comes twice")
    return legs, at


def _leg_id(raw: bytes) -> LegId:
    text = raw.decode("ascii", "replace")
    try:
        check_leg(text)
    except ValueError as error:
        raise LinkError(str(error)) from None
    return LegId(text)
