"""Households that an agent meets before the books do."""

import logging

from app.domain.households.customer_row import CustomerRow
from app.domain.ids import CustomerId
from app.domain.refusal import Invalid
from app.service.calls import handlers as phone_calls
from app.service.calls.commands import LinkCustomer
from app.service.calls.records import Call
from app.service.command import handles
from app.service.context import Context
from app.service.field.records import Grid
from app.service.households.commands import AddCustomer, TakeCustomers
from app.service.households.records import Customer, CustomerPhone, Plan
from app.service.lookup import require
from app.service.ports import Notice, UnitOfWork

log = logging.getLogger(__name__)
_SHORTEST_PHONE = 5


@handles(AddCustomer)
def add_customer(command: AddCustomer, uow: UnitOfWork, context: Context) -> CustomerId:
    """A new household with a number of its own, linked to the call. Raises Invalid."""
    call = require(uow, Call, command.call_id, lock=True)
    name, address = command.name.strip(), command.address.strip()
    phone = "".join(filter(str.isdigit, command.phone or call.caller))
    if not name or not address or len(phone) < _SHORTEST_PHONE:
        raise Invalid("customer_needs", "a customer needs a name, an address and a number")
    grid = require(uow, Grid, command.grid_id)
    plan = require(uow, Plan, command.plan_code)
    today = context.clock.local().date()
    prefix = f"N{today:%y%m%d}"
    number = f"{prefix}{uow.customers_of_day(prefix) + 1:04d}"
    customer = Customer(
        name, number, address, "", grid.id or 0, plan.code, today, today, "", "", "",
        status="prospect",
    )  # fmt: skip
    uow.add(customer)
    uow.flush()
    assert customer.id is not None  # noqa: S101  flushed
    uow.add(CustomerPhone(phone, customer.id))
    link = LinkCustomer(call.id, CustomerId(customer.id), actor=command.actor)
    phone_calls.link_customer(link, uow, context)
    return CustomerId(customer.id)


@handles(TakeCustomers)
def take_customers(command: TakeCustomers, uow: UnitOfWork, _: Context) -> None:
    """Households of the operator's system are added or brought up to date; the only one behind
    the number is linked to the call. A household whose plan nobody knows is left out."""
    call = require(uow, Call, command.call_id, lock=True)
    plans = {name: plan for plan in uow.find(Plan) for name in (plan.code, plan.name)}
    grids = {grid.name: grid for grid in uow.find(Grid)}
    for row in command.rows:
        plan = plans.get(row.plan)
        if plan is None:
            log.warning("the customer system names a plan that is not in the books")
            continue
        if row.grid not in grids:
            grids[row.grid] = Grid(row.grid)
            uow.add(grids[row.grid])
            uow.flush()
        _take(uow, row, grids[row.grid].id or 0, plan.code)
    known = uow.customers_by_phone(call.caller)
    if call.customer_id is None and len(known) == 1:
        call.customer_id = known[0].id
    uow.notify(Notice("call", call.id, call.agent_id or 0))


def _take(uow: UnitOfWork, row: CustomerRow, grid_id: int, plan_code: str) -> None:
    known = uow.find(Customer, account_no=row.account_no)
    if known:
        customer = known[0]
    else:
        customer = Customer(
            row.name, row.account_no, row.address, row.estate, grid_id, plan_code, row.since,
            row.expires_on, row.box_model, row.smart_card, row.id_last4,
        )  # fmt: skip
        uow.add(customer)
        uow.flush()
    for name in _TAKEN:
        setattr(customer, name, getattr(row, name))
    customer.grid_id, customer.plan_code = grid_id, plan_code
    assert customer.id is not None  # noqa: S101  flushed
    has = {phone.phone for phone in uow.find(CustomerPhone, customer_id=customer.id)}
    for phone in row.phones:
        if phone not in has:
            uow.add(CustomerPhone(phone, customer.id))


_TAKEN = (
    "name", "address", "estate", "since", "expires_on", "box_model", "smart_card", "id_last4",
    "status", "arrears_fen", "points", "notes",
)  # fmt: skip
