"""A ticket is opened from a call with everything known, in the transaction of whoever asks."""

from datetime import timedelta

from app.domain.calls.log_kind import CallLogKind
from app.domain.field import ticket as machine
from app.domain.field.ticket import Ticket, TicketEvent
from app.domain.ids import TicketId
from app.domain.refusal import Invalid, RefusalCode
from app.domain.retention import case as case_machine
from app.service.calls import attention
from app.service.calls.records import Call, CallEvent
from app.service.context import Context
from app.service.field.commands import OpenTicket
from app.service.field.records import FieldTicket, Grid, TicketStep
from app.service.households.records import Customer
from app.service.lookup import require, require_user
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention import cases
from app.service.retention.records import RetentionCase

DUE = {"fault": timedelta(hours=24), "complaint": timedelta(hours=24)}


DUE_OTHERWISE = timedelta(hours=48)


def open_ticket(command: OpenTicket, uow: UnitOfWork, context: Context) -> TicketId:
    """A ticket for the technician of the customer's grid; a retention case goes to its
    second stage. Raises Invalid without a phone or a grid, or without an address to go to."""
    call = require(uow, Call, command.call_id, lock=True)
    by = _in_the_name_of(command, uow)
    customer = require(uow, Customer, call.customer_id) if call.customer_id else None
    grid_id = command.grid_id or (customer.grid_id if customer else None)
    if grid_id is None and command.address:
        grid_id = uow.grid_of_address(command.address)
    if grid_id is None:
        raise Invalid(
            RefusalCode.TICKET_GRID, "choose the grid: the caller is not a known customer"
        )
    ticket = Ticket(
        command.kind, command.address or (customer.address if customer else ""),
        command.phone or call.party_number, grid_id,
    )  # fmt: skip
    grid = require(uow, Grid, grid_id)
    if grid.technician_id is not None:
        ticket = machine.step(ticket, TicketEvent.ASSIGN, technician_id=grid.technician_id)
    case = cases.case_of(uow, call.id) if command.kind == "retention" else None
    row = _row(command, uow, context, ticket)
    row.created_by, row.call_id = by, call.id
    row.customer_id = customer.id if customer else None
    if case is not None:
        _to_second_stage(case, row, context)
    uow.add(row)
    uow.flush()
    assert row.id is not None  # noqa: S101  flushed
    if command.kind in ("service", "complaint"):
        attention.use(uow, context, call.id, command.kind)
    now = context.clock.now()
    uow.add(TicketStep(ticket_id=row.id, at=now, event="open", by=by, note=command.brief))
    uow.add(
        CallEvent(
            call_id=call.id,
            at=context.clock.now(),
            kind=CallLogKind.TICKET_OPENED,
            detail=row.number,
        )
    )
    uow.notify(Notice(NoticeKind.TICKET, call.id, command.actor.id or 0, subject_id=row.id))
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))
    return TicketId(row.id)


def _in_the_name_of(command: OpenTicket, uow: UnitOfWork) -> str:
    if command.on_behalf_of is None:
        return command.actor.display_name
    return require_user(uow, command.on_behalf_of).display_name


def _row(command: OpenTicket, uow: UnitOfWork, context: Context, ticket: Ticket) -> FieldTicket:
    now = context.clock.now()
    prefix = f"T{context.clock.local():%y%m%d}-"
    number = f"{prefix}{uow.next_number(prefix):04d}"
    return FieldTicket(
        number=number,
        kind=ticket.kind,
        state=ticket.state,
        address=ticket.address,
        phone=ticket.phone,
        grid_id=ticket.grid_id,
        created_at=now,
        due_at=now + DUE.get(ticket.kind, DUE_OTHERWISE),
        created_by="",
        technician_id=ticket.technician_id,
        promise=command.promise.strip(),
        brief=command.brief.strip(),
    )


def _to_second_stage(case: RetentionCase, row: FieldTicket, context: Context) -> None:
    state = cases.attempt(case, case_machine.SecondStageOpened(), context)
    if state is None:
        return
    row.case_id, row.reason = case.id, case.reason
    row.offers = ",".join(f"{trial.offer}:{trial.outcome}" for trial in state.trials)
