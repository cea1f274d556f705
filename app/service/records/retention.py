"""Cases, offers, and the tickets of the second try."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class RetentionCase:
    """A case and its machine's state; ``phase``, ``kind`` and ``reason`` repeat it for search."""

    call_id: str
    opened_at: datetime
    phase: str
    kind: str
    state_json: str
    customer_id: int | None = None
    agent_id: int | None = None
    reason: str = ""
    evidence_json: str = "[]"
    closed_at: datetime | None = None
    id: int | None = None


@dataclass
class OfferTrial:
    """An offer put to a customer: a time line that would stand up in a complaint."""

    case_id: int
    offer: str
    shown_at: datetime
    outcome: str = "shown"
    customer_id: int | None = None
    answered_at: datetime | None = None
    id: int | None = None


@dataclass
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


@dataclass
class TicketStep:
    ticket_id: int
    at: datetime
    event: str
    by: str
    note: str = ""
    id: int | None = None


@dataclass
class OfferStock:
    """How many of what an offer hands over are left; items without a row never run out."""

    item: str
    left: int
    changed_at: datetime
    changed_by: str
