"""Tickets of the second try, fault guides, grids and outages."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.field.guide import GuideState
from app.service.state_codec import load


@dataclass(kw_only=True)
class FaultGuide:
    """Guided fault finding in a call; ``outcome``: solved or ticket, empty while it goes on."""

    call_id: str
    tree: str
    state_json: str
    started_at: datetime
    outcome: str = ""
    ended_at: datetime | None = None
    id: int | None = None

    @property
    def state(self) -> GuideState:
        return load(GuideState, self.state_json)


@dataclass(kw_only=True)
class Grid:
    name: str
    technician_id: int | None = None
    id: int | None = None


@dataclass(kw_only=True)
class Outage:
    """A known fault of a whole grid: callers of it hear of it at once."""

    grid_id: int
    text: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None = None
    id: int | None = None


@dataclass(kw_only=True)
class FieldTicket:
    number: str
    kind: str
    state: str
    address: str
    phone: str
    grid_id: int
    created_at: datetime
    due_at: datetime
    created_by: str
    customer_id: int | None = None
    case_id: int | None = None
    call_id: str | None = None
    technician_id: int | None = None
    reason: str = ""
    offers: str = ""
    promise: str = ""
    brief: str = ""
    outcome_reason: str = ""
    closed_at: datetime | None = None
    id: int | None = None


@dataclass(kw_only=True)
class TicketStep:
    ticket_id: int
    at: datetime
    event: str
    by: str
    note: str = ""
    id: int | None = None
