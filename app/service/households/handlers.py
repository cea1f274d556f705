"""Households that an agent meets before the books do."""

import logging

from app.domain.households.customer_row import CustomerRow
from app.domain.ids import CustomerId
from app.domain.refusal import Invalid, RefusalCode
from app.service.calls.commands import LinkCustomer
from app.service.calls.customer_link import link_customer
from app.service.calls.records import Call
from app.service.command import handles
from app.service.context import Context
from app.service.field.records import Grid
from app.service.households.commands import AddCustomer, TakeCustomers
from app.service.households.records import Customer, CustomerPhone, Plan
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork

log = logging.getLogger(__name__)


@handles(AddCustomer)
def add_customer(command: AddCustomer, uow: UnitOfWork, context: Context) -> CustomerId:
    """A new household with a number of its own, linked to the call. Raises Invalid."""
    call = require(uow, Call, command.call_id, lock=True)
    name, address = command.name.strip(), command.address.strip()
    phone = context.phone(command.phone or call.party_number)
    if not name or not address or phone is None:
        raise Invalid(
            RefusalCode.CUSTOMER_NEEDS, "a customer needs a name, an address and a number"
        )
    grid = require(uow, Grid, command.grid_id)
    plan = require(uow, Plan, command.plan_code)
    today = context.clock.local().date()
    prefix = f"N{today:%y%m%d}"
    number = f"{prefix}{uow.next_number(prefix):04d}"
    customer = Customer(
        name=name,
        account_no=number,
        address=address,
        estate="",
        grid_id=grid.id or 0,
        plan_code=plan.code,
        since=today,
        expires_on=today,
        box_model="",
        smart_card="",
        id_last4="",
        status="prospect",
    )
    uow.add(customer)
    uow.flush()
    assert customer.id is not None  # noqa: S101  flushed
    uow.add(CustomerPhone(phone=str(phone), customer_id=customer.id))
    link = LinkCustomer(call_id=call.id, customer_id=CustomerId(customer.id), actor=command.actor)
    link_customer(link, uow, context)
    return CustomerId(customer.id)


@handles(TakeCustomers)
def take_customers(command: TakeCustomers, uow: UnitOfWork, context: Context) -> None:
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
            grids[row.grid] = Grid(name=row.grid)
            uow.add(grids[row.grid])
            uow.flush()
        _take(uow, row, grids[row.grid].id or 0, plan.code)
    known = uow.customers_by_phone(context.phone(call.party_number), context.area_code)
    if call.customer_id is None and len(known) == 1:
        call.customer_id = known[0].id
    uow.notify(Notice(NoticeKind.CALL, call.id, call.agent_id or 0))


def _take(uow: UnitOfWork, row: CustomerRow, grid_id: int, plan_code: str) -> None:
    known = uow.find(Customer, account_no=row.account_no)
    if known:
        customer = known[0]
    else:
        customer = Customer(
            name=row.name,
            account_no=row.account_no,
            address=row.address,
            estate=row.estate,
            grid_id=grid_id,
            plan_code=plan_code,
            since=row.since,
            expires_on=row.expires_on,
            box_model=row.box_model,
            smart_card=row.smart_card,
            id_last4=row.id_last4,
        )
        uow.add(customer)
        uow.flush()
    for name in _TAKEN:
        setattr(customer, name, getattr(row, name))
    customer.grid_id, customer.plan_code = grid_id, plan_code
    assert customer.id is not None  # noqa: S101  flushed
    has = {phone.phone for phone in uow.find(CustomerPhone, customer_id=customer.id)}
    for phone in row.phones:
        if phone not in has:
            uow.add(CustomerPhone(phone=phone, customer_id=customer.id))


_TAKEN = (
    "name", "address", "estate", "since", "expires_on", "box_model", "smart_card", "id_last4",
    "status", "arrears_fen", "points", "notes",
)  # fmt: skip
