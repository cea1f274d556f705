"""What may be asked of households: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.households.customer_row import CustomerRow


@dataclass(frozen=True, slots=True)
class AddCustomer:
    """A household that is not in the books yet; the call is linked to it."""

    call_id: str
    user_id: int
    name: str
    phone: str
    address: str
    grid_id: int
    plan_code: str


@dataclass(frozen=True, slots=True)
class TakeCustomers:
    """What the operator's customer system says about the number that calls."""

    call_id: str
    rows: tuple[CustomerRow, ...]


@dataclass(frozen=True, slots=True)
class SendMessage:
    """An SMS by template to the caller (or another number)."""

    call_id: str
    user_id: int
    template: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class SettleMessage:
    """What came of an attempt to send; ``error`` empty where it was taken."""

    message_id: int
    error: str = ""
