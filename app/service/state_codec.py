"""Frozen states as JSON text and back: what was written is read back as the type that it was."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

State = TypeVar("State")


#: Adapters are built once a type: building one takes a millisecond.
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def _adapter(kind: type) -> TypeAdapter[Any]:
    found = _ADAPTERS.get(kind)
    if found is None:
        found = _ADAPTERS[kind] = TypeAdapter(kind)
    return found


def dump(state: object) -> str:
    """The JSON text of a dataclass, with the names of its fields as keys."""
    return _adapter(type(state)).dump_json(state).decode()


def load(kind: type[State], text: str) -> State:
    """The state that was dumped. Fields that the type no longer has are passed over, new ones get
    their defaults. Raises ValueError (pydantic.ValidationError) naming the field that is wrong."""
    state: State = _adapter(kind).validate_json(text)
    return state
