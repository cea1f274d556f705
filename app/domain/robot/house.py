"""What the robot may ask about the caller and the house while it talks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.domain.field.guide import FaultTree


class House(Protocol):
    """What a dialog may ask about the caller and the house; it is looked up when it is asked.
    Empty texts: unknown.

    ``staffed``: a person can come now; ``on_duty``: somebody can be rung at night; ``hour`` of the
    operator's clock.
    """

    @property
    def phone(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def last4(self) -> str: ...
    @property
    def bill(self) -> str: ...
    @property
    def outage(self) -> str: ...
    @property
    def staffed(self) -> bool: ...
    @property
    def on_duty(self) -> bool: ...
    @property
    def hour(self) -> int: ...
    @property
    def trees(self) -> tuple[FaultTree, ...]: ...

    @property
    def stopping(self) -> bool:
        """Whether a stop that the household asked for earlier is under way."""
        ...

    def offer_for(self, reason: str) -> tuple[str, str] | None:
        """Code and words of the one offer for somebody who wants to stop for this reason."""
        ...

    def answer_of(self, entry: str) -> str:
        """What the knowledge base says aloud by the id of an entry; empty for none."""
        ...


#: What a slot may offer before it asks (``known`` in the dialogs).
KNOWN_FACTS: Mapping[str, Callable[[House], str]] = {
    "phone": lambda house: house.phone, "address": lambda house: house.address,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """A House of which everything is known beforehand; ``offers`` by reason, ``answers`` by
    the id of an entry."""

    phone: str = ""
    address: str = ""
    last4: str = ""
    bill: str = ""
    staffed: bool = False
    outage: str = ""
    offers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    on_duty: bool = False
    hour: int = 12
    trees: tuple[FaultTree, ...] = ()
    stopping: bool = False
    answers: Mapping[str, str] = field(default_factory=dict)

    def offer_for(self, reason: str) -> tuple[str, str] | None:
        return self.offers.get(reason)

    def answer_of(self, entry: str) -> str:
        return self.answers.get(entry, "")
