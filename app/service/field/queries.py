"""What pages and programs read of the field."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.service.field.records import FieldTicket, Grid, Outage, TicketStep
from app.service.households.records import Customer
from app.service.people.records import User


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: FieldTicket
    grid: Grid
    technician: User | None
    customer: Customer | None


@dataclass(frozen=True, slots=True)
class TicketFilter:
    technician_id: int | None = None
    state: str = ""
    kind: str = ""
    limit: int = 100


class FieldQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def tickets(self, wanted: TicketFilter) -> Sequence[TicketRow]: ...

    def ticket(self, ticket_id: int) -> tuple[TicketRow, Sequence[TicketStep]] | None: ...

    def grids(self) -> Sequence[Grid]: ...

    def outages(self) -> Sequence[tuple[Outage, Grid]]:
        """Those that last, by grid."""
        ...
