"""Field tickets as screens show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.due import overdue
from app.domain.field.ticket import TicketState
from app.service.field.queries import TicketRow

_GOOD, _BAD, _ON_ITS_WAY = "good", "bad", "brand"


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLine:
    """``late``: due and not closed; ``tone``: good, bad, or still on its way (brand)."""

    row: TicketRow
    late: bool
    tone: str


def ticket_lines(rows: Iterable[TicketRow], now: datetime) -> tuple[TicketLine, ...]:
    return tuple(
        TicketLine(
            row=row, late=overdue(row.ticket.due_at, now, row.ticket.closed_at),
            tone=_tone(row.ticket.state),
        )
        for row in rows
    )  # fmt: skip


def _tone(state: str) -> str:
    return {TicketState.KEPT: _GOOD, TicketState.LOST: _BAD}.get(TicketState(state), _ON_ITS_WAY)


def offers_tried(stored: str) -> tuple[tuple[str, str], ...]:
    """Offers of a ticket's case with what became of them: "code:outcome,code:outcome"."""
    pairs = (offer.partition(":") for offer in stored.split(",") if offer)
    return tuple((code, outcome) for code, _, outcome in pairs)
