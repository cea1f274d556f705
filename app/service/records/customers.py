"""Households, their plans and places."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass
class Grid:
    name: str
    technician_id: int | None = None
    id: int | None = None


@dataclass
class Plan:
    code: str
    name: str
    monthly_fen: int
    download_mbps: int
    contract_months: int
    penalty_percent: int


@dataclass
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


@dataclass
class CustomerPhone:
    """One number of a household; several households may share a number."""

    phone: str
    customer_id: int
    id: int | None = None


@dataclass
class Outage:
    """A known fault of a whole grid: callers of it hear of it at once."""

    grid_id: int
    text: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None = None
    id: int | None = None
