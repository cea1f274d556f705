"""Households that an agent meets before the books do."""

from typing import TYPE_CHECKING

from app.domain.refusal import Invalid
from app.service import commands, records
from app.service.handlers import phone_calls
from app.service.handlers.lookup import require
from app.service.ports import UnitOfWork

if TYPE_CHECKING:
    from app.service.desk import Context

_SHORTEST_PHONE = 5


def add_customer(command: commands.AddCustomer, uow: UnitOfWork, context: "Context") -> int:
    """A new household with a number of its own, linked to the call. Raises Invalid."""
    call = require(uow, records.Call, command.call_id, lock=True)
    name, address = command.name.strip(), command.address.strip()
    phone = "".join(filter(str.isdigit, command.phone or call.caller))
    if not name or not address or len(phone) < _SHORTEST_PHONE:
        raise Invalid("customer_needs", "a customer needs a name, an address and a number")
    grid = require(uow, records.Grid, command.grid_id)
    plan = require(uow, records.Plan, command.plan_code)
    today = context.clock.local().date()
    prefix = f"N{today:%y%m%d}"
    number = f"{prefix}{uow.customers_of_day(prefix) + 1:04d}"
    customer = records.Customer(
        name, number, address, "", grid.id or 0, plan.code, today, today, "", "", "",
        status="prospect",
    )  # fmt: skip
    uow.add(customer)
    uow.flush()
    assert customer.id is not None  # noqa: S101  flushed
    uow.add(records.CustomerPhone(phone, customer.id))
    link = commands.LinkCustomer(call.id, customer.id, command.user_id)
    phone_calls.link_customer(link, uow, context)
    return customer.id
