"""Field tickets: opened from a call with everything known, moved by technicians."""

from app.domain.field import ticket as machine
from app.domain.field.ticket import Ticket, TicketEvent, TicketState
from app.domain.ids import TicketId
from app.domain.refusal import Invalid, RefusalCode
from app.domain.retention import case as case_machine
from app.service.calls.records import Call
from app.service.command import handles
from app.service.context import Context
from app.service.field import tickets
from app.service.field.access import check_opener, check_work
from app.service.field.commands import OpenTicket, StepTicket
from app.service.field.records import FieldTicket, TicketStep
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention import cases
from app.service.retention.records import RetentionCase


@handles(OpenTicket)
def open_ticket(command: OpenTicket, uow: UnitOfWork, context: Context) -> TicketId:
    """By itself, in a transaction of its own. Raises Invalid as tickets.open_ticket does, Refused
    for another agent's call, Forbidden for a person who writes somebody else's name under it."""
    check_opener(command.actor, require(uow, Call, command.call_id), command.on_behalf_of)
    return tickets.open_ticket(command, uow, context)


@handles(StepTicket)
def step_ticket(command: StepTicket, uow: UnitOfWork, context: Context) -> TicketId:
    """One event of the ticket machine; its outcome goes back to the case."""
    row = require(uow, FieldTicket, command.ticket_id, lock=True)
    try:
        event = TicketEvent(command.event)
    except ValueError:
        raise Invalid(RefusalCode.TICKET_EVENT, f"unknown event {command.event!r}") from None
    check_work(command.actor, row, event)
    after = _keep(row, event, command, context)
    if row.case_id is not None and after.state in (TicketState.KEPT, TicketState.LOST):
        _report_outcome(uow, context, row, after)
    step = TicketStep(
        ticket_id=command.ticket_id,
        at=context.clock.now(),
        event=command.event,
        by=command.actor.display_name,
        note=command.note,
    )
    uow.add(step)
    uow.notify(Notice(NoticeKind.TICKET, row.call_id or "", subject_id=command.ticket_id))
    return command.ticket_id


def _keep(
    row: FieldTicket, event: TicketEvent, command: StepTicket, context: Context
) -> Ticket:  # fmt: skip
    """One event through the machine. Raises Refused; nothing else moves a ticket."""
    ticket = Ticket(row.kind, row.address, row.phone, row.grid_id, TicketState(row.state),
                    row.technician_id, row.outcome_reason)  # fmt: skip
    after = machine.step(ticket, event, technician_id=command.technician_id, reason=command.reason)
    row.state, row.technician_id = after.state, after.technician_id
    row.outcome_reason = after.outcome_reason
    if after.state is TicketState.CLOSED:
        row.closed_at = context.clock.now()
    return after


def _report_outcome(uow: UnitOfWork, context: Context, row: FieldTicket, ticket: Ticket) -> None:
    case = require(uow, RetentionCase, row.case_id, lock=True)
    kept = ticket.state is TicketState.KEPT
    cases.attempt(case, case_machine.SecondStageEnded(kept, ticket.outcome_reason), context)
