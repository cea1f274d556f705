"""Frozen states as JSON text and back: what was written is read back as the type that it was."""

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from app.domain.refusal import Refused

State = TypeVar("State")
Older = Callable[[dict[str, Any]], dict[str, Any]]


class StateError(ValueError):
    """A stored text is not the state that it should be; the message says where and why."""


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(state: object, kind: Any = None) -> str:
    """The JSON text of a dataclass, with the names of its fields as keys. ``kind`` where the type
    of the object does not say it (a tuple of dataclasses)."""
    return _adapter(cast("Hashable", kind or type(state))).dump_json(state).decode()


def load(kind: type[State], text: str, older: Older | None = None) -> State:
    """The state that was dumped. ``older`` is handed what was read, to bring the shape of an
    earlier release to this one. Fields that are new get their defaults, fields that the type no
    longer has are passed over. Raises StateError."""
    try:
        if older is not None:
            text = to_json(older(from_json(text))).decode()
        # strict as JSON is: no number out of a text, no text out of a number
        state: State = _adapter(cast("Hashable", kind)).validate_json(text, strict=True)
    except ValidationError as error:
        raise StateError(f"this is no stored {_name(kind)}: {_faults(error)}") from None
    except (ValueError, KeyError, TypeError, AttributeError, Refused) as error:
        raise StateError(f"this is no stored {_name(kind)}: {type(error).__name__}") from None
    return state


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def _faults(error: ValidationError) -> str:
    """Which fields are wrong, without what stands in them: that may be what somebody said."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['type']}" for one in found)
