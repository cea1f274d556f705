"""Frozen states as JSON text and back: what was written is read back as the type that it was."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import from_json, to_json

State = TypeVar("State")
Older = Callable[[dict[str, Any]], dict[str, Any]]


class StateError(ValueError):
    """A stored text is not the state that it should be; the message says where and why."""


#: Making one takes a millisecond: they are kept.
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def dump(state: object, kind: Any = None) -> str:
    """The JSON text of a dataclass, with the names of its fields as keys. ``kind`` where the type
    of the object does not say it (a tuple of dataclasses)."""
    return _adapter(kind or type(state)).dump_json(state).decode()


def load(kind: type[State], text: str, older: Older | None = None) -> State:
    """The state that was dumped. ``older`` is handed what was read, to bring the shape of an
    earlier release to this one. Fields that are new get their defaults, fields that the type no
    longer has are passed over. Raises StateError."""
    try:
        if older is not None:
            text = to_json(older(from_json(text))).decode()
        # strict as JSON is: no number out of a text, no text out of a number
        state: State = _adapter(kind).validate_json(text, strict=True)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"this is no stored {kind}: {error}") from None
    return state
