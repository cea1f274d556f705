"""What is stored has an id: the type checker does not know that, a test may say so."""

from typing import Protocol, TypeVar

T = TypeVar("T")
Key_co = TypeVar("Key_co", covariant=True)


class _Record(Protocol[Key_co]):
    @property
    def id(self) -> Key_co | None: ...


def present(value: T | None) -> T:
    """The value; fails where there is none."""
    assert value is not None
    return value


def key(record: _Record[Key_co] | None) -> Key_co:
    """The id under which a record is stored."""
    return present(present(record).id)
