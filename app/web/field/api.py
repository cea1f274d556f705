"""Field tickets for programs. Whose tickets a token sees and moves is ruled as on the pages."""

import asyncio

from fastapi import Request

from app.domain.ids import TicketId, UserId
from app.domain.people.actor import Actor
from app.domain.people.permission import Permission
from app.domain.refusal import NotFound, RefusalCode
from app.service.field.access import check_seen, only_technician
from app.service.field.commands import OpenTicket, StepTicket
from app.service.field.queries import FieldQueries, TicketFilter
from app.web.answers import api_router, problems
from app.web.deps import deps_of
from app.web.field.api_answers import TicketEventIn, TicketIn, TicketOut, TicketsOut, WholeTicketOut
from app.web.parameters import Id, Limit
from app.web.people.auth import CurrentProgram, check
from app.web.reads import FieldReads

router = api_router("/tickets")


@router.get("", responses=problems(403, 422))
async def tickets(
    request: Request, program: CurrentProgram, reads: FieldReads, state: str = "", kind: str = "",
    technician: Id | None = None, limit: Limit = 100,
) -> TicketsOut:  # fmt: skip
    """The newest first; a technician's token sees its own."""
    only = only_technician(program)
    wanted = TicketFilter(technician if only is None else only, state, kind, limit)
    rows = await asyncio.to_thread(reads.tickets, wanted)
    base = str(request.base_url)
    return TicketsOut(tickets=[TicketOut.of(row, program, base) for row in rows])


@router.post("", status_code=201, responses=problems(403, 404, 409, 422))
async def open_ticket(
    request: Request, program: CurrentProgram, reads: FieldReads, body: TicketIn
) -> WholeTicketOut:
    """A ticket for a call. With the header ``Idempotency-Key`` a second time opens nothing."""
    check(program, Permission.OPEN_TICKETS)
    bus = deps_of(request).bus
    command = OpenTicket(
        call_id=body.call_id, kind=body.kind, address=body.address, phone=body.phone,
        promise=body.promise, brief=body.brief, grid_id=body.grid_id,
        on_behalf_of=UserId(body.user_id), actor=program,
    )  # fmt: skip
    key = request.headers.get("idempotency-key", "")[:100]
    if key:
        ticket_id = await asyncio.to_thread(bus.execute_once, key, command)
    else:
        ticket_id = await asyncio.to_thread(bus.execute, command)
    return await _ticket(request, program, reads, ticket_id)


async def _ticket(
    request: Request, program: Actor, reads: FieldQueries, ticket_id: Id
) -> WholeTicketOut:
    found = await asyncio.to_thread(reads.ticket, ticket_id)
    if found is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no ticket {ticket_id}")
    row, steps = found
    check_seen(program, row.ticket)
    return WholeTicketOut.of_steps(row, steps, program, str(request.base_url))


@router.get("/{ticket_id}", responses=problems(403, 404, 422))
async def ticket(
    request: Request, program: CurrentProgram, reads: FieldReads, ticket_id: Id
) -> WholeTicketOut:
    return await _ticket(request, program, reads, ticket_id)


@router.post("/{ticket_id}/events", responses=problems(403, 404, 409, 422))
async def ticket_event(
    request: Request, program: CurrentProgram, reads: FieldReads, ticket_id: Id, body: TicketEventIn
) -> WholeTicketOut:
    """Move a ticket; the answer is the ticket as it stands then."""
    command = StepTicket(
        ticket_id=TicketId(ticket_id), event=body.event, note=body.note, reason=body.reason,
        technician_id=body.technician_id, actor=program,
    )  # fmt: skip
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return await _ticket(request, program, reads, ticket_id)
