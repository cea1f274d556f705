"""The room of a call: who hears whom now, who is on hold. Pure values, no media and no clock."""

from dataclasses import dataclass, field, replace

from app.domain.calls.ids import LegId
from app.domain.calls.modes import Hears, among


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """``hears`` is what was ordered, ``held`` are the legs that an order took out of it.

    A leg is in the room once it is answered; orders about others are passed over.
    """

    legs: frozenset[LegId] = frozenset()
    hears: Hears = field(default_factory=dict)
    held: frozenset[LegId] = frozenset()

    @property
    def in_force(self) -> Hears:
        """The matrix without those on hold: they hear nobody of the room and nobody hears them."""
        return among(self.hears, self.legs - self.held)

    @property
    def connected(self) -> bool:
        """Whether somebody hears somebody."""
        return any(self.in_force.values())

    @property
    def in_use(self) -> bool:
        """Whether people are talking, or one of them waits on hold."""
        return any(among(self.hears, self.legs).values())

    def join(self, leg: LegId) -> "Room":
        """A leg was answered; it hears nobody yet."""
        return replace(self, legs=self.legs | {leg})

    def leave(self, leg: LegId) -> "Room":
        """A leg is gone. Hold ends with the last talk that it could be taken up for."""
        legs = self.legs - {leg}
        hears = among(self.hears, legs)
        held = self.held & legs if any(hears.values()) else frozenset[LegId]()
        return Room(legs=legs, hears=hears, held=held)

    def connect(self, hears: Hears) -> "Room":
        """A new matrix; nobody stays on hold."""
        return replace(self, hears=among(hears, self.legs), held=frozenset())

    def hold(self, leg: LegId | None) -> "Room":
        """Hold a leg, or all: only where there is a talk to be held out of."""
        wanted = self.legs if leg is None else self.legs & {leg}
        return replace(self, held=self.held | wanted) if self.in_use else self

    def resume(self, leg: LegId | None) -> "Room":
        """Take a leg, or all, back in."""
        return replace(self, held=frozenset() if leg is None else self.held - {leg})
