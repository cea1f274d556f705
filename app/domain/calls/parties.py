"""Who takes part in a call, and how each stands in it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.calls.ids import AGENT, CALLER, LegId


class Direction(StrEnum):
    """``inbound``: somebody rang the hotline; ``outbound``: the hotline rings somebody up."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Role(StrEnum):
    """``outside``: whom the hotline rang up, or rang in for advice."""

    CALLER = "caller"
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    OUTSIDE = "outside"


class Standing(StrEnum):
    """``answered``: picked up and waits to be connected; ``wrapping_up``: the talk is over, the
    work on it is not; ``done``: that too; ``missed``: was rung in vain; ``released``: was let go
    before anything was said; ``gone``: hung up."""

    RINGING = "ringing"
    ANSWERED = "answered"
    TALKING = "talking"
    HELD = "held"
    WRAPPING_UP = "wrapping_up"
    DONE = "done"
    MISSED = "missed"
    RELEASED = "released"
    GONE = "gone"


#: Of these nothing is left but that they were there.
_PAST = frozenset({Standing.MISSED, Standing.RELEASED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """``id`` is the leg that carries it: one leg is one party's at a time. ``user_id`` of those who
    work here."""

    id: LegId
    role: Role
    standing: Standing = Standing.RINGING
    user_id: int | None = None

    @property
    def is_past(self) -> bool:
        return self.standing in _PAST


Parties = tuple[Party, ...]


def opening(direction: Direction) -> Parties:
    """Who a call begins with."""
    role = Role.CALLER if direction is Direction.INBOUND else Role.OUTSIDE
    return (Party(id=CALLER, role=role),)


def agent_of(parties: Iterable[Party]) -> Party | None:
    """The agent whose call it is; None where there is none yet, or none any more."""
    agents = [p for p in parties if p.role is Role.AGENT and not p.is_past]
    return agents[-1] if agents else None


def tried(parties: Iterable[Party]) -> tuple[int, ...]:
    """Agents whose phone was rung in vain, in their order."""
    return tuple(
        p.user_id for p in parties if p.standing is Standing.MISSED and p.user_id is not None
    )


def with_agent(parties: Parties, user_id: int) -> Parties:
    """An agent's phone begins to ring."""
    return (*parties, Party(id=AGENT, role=Role.AGENT, user_id=user_id))


def moved(parties: Parties, leg: LegId, standing: Standing) -> Parties:
    """Whoever is on a leg now stands otherwise; nothing where nobody is."""
    return tuple(
        replace(p, standing=standing) if p.id == leg and not p.is_past else p for p in parties
    )
