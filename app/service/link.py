"""The link between bridge and brain: one WebSocket, JSON control messages, binary audio.

The bridge reports facts, the brain sends orders. The map of messages is in ARCHITECTURE.md.
Audio: ``!B16sIH`` (kind 1, call id, first frame, frame count), then the caller's PCM16 of all
frames, then the agent's; a frame is 20 ms, 8000 Hz. Prompt: ``!B32s`` (kind 2, SHA-256), PCM16.
"""

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

from app.media.g711 import FRAME_BYTES

VERSION: Final = 1
SUBPROTOCOL: Final = "holdline-link.v1"
PATH: Final = "/link"

FACTS: Final = frozenset(
    [
        "hello",
        "offered",
        "ringing",
        "agent_answered",
        "agent_failed",
        "connected",
        "hung_up",
        "held",
        "resumed",
        "digit",
        "played",
        "recording_started",
        "recording_failed",
        "unanswered",
        "ended",
    ]
)
ORDERS: Final = frozenset(
    [
        "welcome",
        "answer",
        "ring",
        "reject",
        "dial",
        "drop_agent",
        "connect",
        "play",
        "stop",
        "hold",
        "resume",
        "record",
        "hang_up",
        "forget",
        "originate",
    ]
)

_AUDIO = struct.Struct("!B16sIH")
_PROMPT = struct.Struct("!B32s")
_KIND_AUDIO, _KIND_PROMPT = 1, 2


class LinkError(ValueError):
    """A message that breaks the protocol; the text says how."""


@dataclass(frozen=True, slots=True)
class Control:
    """A JSON message: ``kind`` is a fact or an order, ``call`` the call's id where it has one."""

    kind: str
    call: str = ""
    data: dict[str, Any] | None = None

    def encode(self) -> str:
        body = {"v": VERSION, "type": self.kind, **(self.data or {})}
        if self.call:
            body["call"] = self.call
        return json.dumps(body, ensure_ascii=False)

    def get(self, name: str, default: Any = None) -> Any:
        return (self.data or {}).get(name, default)


def decode_control(text: str, allowed: frozenset[str]) -> Control:
    """Read a control message. Raises LinkError for another version, kind or shape."""
    try:
        body = json.loads(text)
    except ValueError:
        raise LinkError("control message is no JSON") from None
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise LinkError(f"expected link version {VERSION}")
    kind = body.pop("type", None)
    if kind not in allowed:
        raise LinkError(f"unexpected message type {kind!r}")
    body.pop("v")
    call = body.pop("call", "")
    if not isinstance(call, str) or (call and not _is_call_id(call)):
        raise LinkError("call id is not 32 hexadecimal digits")
    return Control(kind, call, body)


def _is_call_id(text: str) -> bool:
    return len(text) == 32 and all(c in "0123456789abcdef" for c in text)


@dataclass(frozen=True, slots=True)
class Audio:
    """Consecutive frames of both sides of a call, PCM16, equal in length."""

    call: str
    first_frame: int
    caller: bytes
    agent: bytes

    @property
    def frames(self) -> int:
        return len(self.caller) // FRAME_BYTES

    def encode(self) -> bytes:
        head = _AUDIO.pack(_KIND_AUDIO, bytes.fromhex(self.call), self.first_frame, self.frames)
        return head + self.caller + self.agent


@dataclass(frozen=True, slots=True)
class PromptAudio:
    """A prompt's PCM16 under the SHA-256 of it; sent once a connection, then played by key."""

    key: str
    pcm16: bytes

    def encode(self) -> bytes:
        return _PROMPT.pack(_KIND_PROMPT, bytes.fromhex(self.key)) + self.pcm16


def decode_binary(data: bytes) -> Audio | PromptAudio:
    """Read a binary message. Raises LinkError for a wrong kind or length."""
    if len(data) >= _PROMPT.size and data[0] == _KIND_PROMPT:
        return PromptAudio(data[1 : _PROMPT.size].hex(), data[_PROMPT.size :])
    if len(data) < _AUDIO.size or data[0] != _KIND_AUDIO:
        raise LinkError("unknown binary message")
    _, call, first, frames = _AUDIO.unpack_from(data)
    side = frames * FRAME_BYTES
    if len(data) != _AUDIO.size + 2 * side:
        raise LinkError(f"audio message of {len(data)} bytes for {frames} frames")
    start = _AUDIO.size
    return Audio(call.hex(), first, data[start : start + side], data[start + side :])
