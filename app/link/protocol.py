"""PROTOCOL.md, made from the messages' types: ``scripts/protocol`` writes it, a test compares."""

import inspect
import types
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from typing import Any, Union, get_args, get_origin

from app.domain.calls import leg
from app.link import codec, summary

_HEAD = f"""# The link, version {codec.VERSION}

*Made from `messages.py`, `summary.py` and `codec.py` by `scripts/protocol`; do not edit.*

The bridge connects to `ws://BRAIN{codec.PATH}` with subprotocol `{codec.SUBPROTOCOL}` and
`Authorization: Bearer SECRET`. The first message is its `hello`, the brain's first answer is
`welcome`. The brain closes the connection on a message of another version, of an unknown type or
of a wrong shape; the bridge logs it and goes on. Fields that a side does not know are passed over.

Text messages are JSON: `{{"v": {codec.VERSION}, "type": ..., fields}}`. Binary messages are audio.
"""

_FOOT = """
## Audio (binary)

- **Audio**, bridge to brain, about every 60 ms one message for all calls, a record a call:
  `!B16sIHB` (1, call id, first frame, frames, tracks), then of each track one byte of length and
  the leg id in ASCII, then the PCM16 (little-endian, 8000 Hz) of each track in the same order. A
  frame is 20 ms, 320 bytes. A track is named by its leg, or `prompts`: what the hotline plays. A
  leg that was in no talk yet has none; a track that is missing is silent.
- **Prompt**, brain to bridge, once a connection before it is played: `!B32s` (2, SHA-256 of the
  audio), then PCM16.
"""


def document() -> str:
    """The text of PROTOCOL.md."""
    return "\n".join((
        _HEAD,
        "## Facts (bridge to brain)\n", *_table(codec.FACTS.values()),
        "\n## Orders (brain to bridge)\n", *_table(codec.ORDERS.values()),
        "\n## Shapes within\n", *_shapes(), _FOOT,
    ))  # fmt: skip


def _table(messages: Iterable[type[Any]]) -> list[str]:
    rows = [f"| `{codec.type_name(m)}` | {_fields(m)} | {_meaning(m)} |" for m in messages]
    return ["| type | fields | meaning |", "|---|---|---|", *rows]


def _shapes() -> list[str]:
    known = dict.fromkeys(s for s in vars(summary).values() if inspect.isclass(s))
    rows = [f"| `{s.__name__}` | {_fields(s)} | {_meaning(s)} |" for s in known if _is_own(s)]
    return ["| shape | fields or values | meaning |", "|---|---|---|", *rows]


def _is_own(shape: type[Any]) -> bool:
    return shape.__module__ in (summary.__name__, leg.__name__)


def _meaning(kind: type[Any]) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split()).replace("``", "`")


def _fields(kind: type[Any]) -> str:
    if issubclass(kind, StrEnum):
        return ", ".join(f"`{value.value}`" if value.value else "empty" for value in kind)
    if not is_dataclass(kind):
        return ""
    return ", ".join(f"`{f.name}` {_type(f.type)}" for f in fields(kind)) or "none"


def _type(kind: Any) -> str:
    """A field's type in plain words."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return " or ".join(_type(part) for part in parts)
    if kind is types.NoneType:
        return "null"
    if origin in (tuple, frozenset):
        return f"list of {_type(parts[0])}"
    if origin is not None:
        return f"map of {_type(parts[0])} to {_type(parts[1])}"
    return str(kind.__name__)
