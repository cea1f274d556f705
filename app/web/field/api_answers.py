"""Field tickets as the API takes and publishes them."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from app.domain.people.actor import Actor
from app.service.field.access import shown_phone
from app.service.field.queries import TicketRow
from app.service.field.records import Grid, TicketStep
from app.service.field.views import offers_tried
from app.service.households.records import Customer
from app.web.answers import Moment
from app.web.parameters import Id, Text, UserKey


class TicketIn(BaseModel):
    """A ticket opened by a program for a call."""

    call_id: Text
    user_id: Id
    kind: Text = "retention"
    address: Text = Field(default="", max_length=200)
    phone: Text = Field(default="", max_length=32)
    promise: Text = Field(default="", max_length=2000)
    brief: Text = Field(default="", max_length=2000)
    grid_id: Id | None = None


class TicketEventIn(BaseModel):
    """An event of the ticket machine: assign, contact, postpone, visit, keep, lose, miss, close."""

    event: Text
    note: Text = Field(default="", max_length=2000)
    reason: Text = Field(default="", max_length=200)
    technician_id: UserKey | None = None


class TicketCustomerOut(BaseModel):
    """Whom the ticket is about."""

    id: int | None
    name: str
    account_no: str

    @classmethod
    def of(cls, customer: Customer) -> "TicketCustomerOut":
        return cls(id=customer.id, name=customer.name, account_no=customer.account_no)


class GridOut(BaseModel):
    """The area that the technician comes from."""

    id: int | None
    name: str

    @classmethod
    def of(cls, grid: Grid) -> "GridOut":
        return cls(id=grid.id, name=grid.name)


class OfferTriedOut(BaseModel):
    """An offer of the call, and what came of it there."""

    offer: str
    outcome: str


class TicketOut(BaseModel):
    """A field ticket. ``phone`` is masked for everybody but its technician; ``call`` is the page
    of the call that it came of."""

    id: int | None
    number: str
    kind: str
    state: str
    customer: TicketCustomerOut | None
    address: str
    phone: str
    grid: GridOut
    technician: str | None
    reason: str
    offers: list[OfferTriedOut]
    promise: str
    brief: str
    call_id: str | None
    call: str | None
    created_at: Moment
    due_at: Moment
    outcome_reason: str
    closed_at: Moment | None

    @classmethod
    def of(cls, row: TicketRow, actor: Actor, base_url: str) -> "TicketOut":
        """As ``actor`` may see it; ``base_url`` ends with a slash."""
        kept = row.ticket
        offers = [OfferTriedOut(offer=o, outcome=came) for o, came in offers_tried(kept.offers)]
        return TicketOut(
            id=kept.id, number=kept.number, kind=kept.kind, state=kept.state,
            customer=TicketCustomerOut.of(row.customer) if row.customer else None,
            address=kept.address, phone=shown_phone(actor, kept), grid=GridOut.of(row.grid),
            technician=row.technician.display_name if row.technician else None,
            reason=kept.reason, offers=offers, promise=kept.promise, brief=kept.brief,
            call_id=kept.call_id, call=f"{base_url}calls/{kept.call_id}" if kept.call_id else None,
            created_at=kept.created_at, due_at=kept.due_at, outcome_reason=kept.outcome_reason,
            closed_at=kept.closed_at,
        )  # fmt: skip


class TicketsOut(BaseModel):
    """Tickets, the newest first."""

    tickets: list[TicketOut]


class TicketStepOut(BaseModel):
    """What happened to a ticket, and by whom."""

    at: Moment
    event: str
    by: str
    note: str

    @classmethod
    def of(cls, step: TicketStep) -> "TicketStepOut":
        return cls(at=step.at, event=step.event, by=step.by, note=step.note)


class WholeTicketOut(TicketOut):
    """A ticket with its history."""

    events: list[TicketStepOut]

    @classmethod
    def of_steps(
        cls, row: TicketRow, steps: Sequence[TicketStep], actor: Actor, base_url: str
    ) -> "WholeTicketOut":
        events = [TicketStepOut.of(step) for step in steps]
        return cls(**dict(TicketOut.of(row, actor, base_url)), events=events)
