"""Households, their plans, and short messages to them."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(kw_only=True)
class ShortMessage:
    """An SMS on its way. ``state`` of domain.households.short_message; ``claimed_until``:
    some brain is sending it."""

    phone: str
    text: str
    template: str
    created_at: datetime
    next_at: datetime
    by: str
    state: str = "queued"
    attempts: int = 0
    call_id: str | None = None
    sent_at: datetime | None = None
    error: str = ""
    claimed_until: datetime | None = None
    id: int | None = None


@dataclass(kw_only=True)
class Plan:
    code: str
    name: str
    monthly_fen: int
    download_mbps: int
    contract_months: int
    penalty_percent: int


@dataclass(kw_only=True)
class Customer:
    """A household: ``since`` is the first day of service, ``id_last4`` for the light check."""

    name: str
    account_no: str
    address: str
    estate: str
    grid_id: int
    plan_code: str
    since: date
    expires_on: date
    box_model: str
    smart_card: str
    id_last4: str
    status: str = "active"
    arrears_fen: int = 0
    points: int = 0
    notes: str = ""
    id: int | None = None


@dataclass(kw_only=True)
class CustomerPhone:
    """One number of a household; several households may share a number."""

    phone: str
    customer_id: int
    id: int | None = None
