"""What may be asked of households: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.households.customer_row import CustomerRow
from app.domain.ids import CustomerId, ShortMessageId
from app.domain.people.permission import Permission
from app.service.command import Command, SystemCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCustomer(Command[CustomerId]):
    """A household that is not in the books yet; the call is linked to it."""

    needs = (Permission.TAKE_CALLS,)

    call_id: str
    name: str
    phone: str
    address: str
    grid_id: int
    plan_code: str

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCustomers(SystemCommand[None]):
    """What the operator's customer system says about the number that calls."""

    call_id: str
    rows: tuple[CustomerRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SendMessage(Command[ShortMessageId]):
    """An SMS by template to the caller (or another number)."""

    needs = (Permission.TAKE_CALLS,)

    call_id: str
    template: str
    phone: str = ""

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to hand to the gateway."""

    id: ShortMessageId
    phone: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMessage(SystemCommand[Outgoing | None]):
    """The next short message to send, for this brain alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleMessage(SystemCommand[None]):
    """What came of an attempt to send; ``error`` empty where it was taken."""

    message_id: ShortMessageId
    error: str = ""
