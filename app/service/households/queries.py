"""What pages and programs read of households."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.service.callbacks.records import Voicemail
from app.service.calls.records import Call
from app.service.field.records import FieldTicket, Grid
from app.service.households.records import Customer, Plan, ShortMessage
from app.service.people.records import User
from app.service.retention.records import OfferTrial


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A household with all that the agent looks at."""

    customer: Customer
    plan: Plan
    grid: Grid
    technician: User | None
    phones: Sequence[str]
    contacts: Sequence[Call]
    tickets: Sequence[FieldTicket]
    trials: Sequence[OfferTrial]
    voicemails: Sequence[Voicemail] = ()
    messages: Sequence[ShortMessage] = ()


class HouseholdQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def customer(self, customer_id: int) -> CustomerView | None: ...

    def find_customers(self, text: str, limit: int = 20) -> Sequence[Customer]: ...

    def plans(self) -> Sequence[Plan]: ...
