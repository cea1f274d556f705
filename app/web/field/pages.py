"""Field tickets: the technician's list on a phone, and all of them for supervisors."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.field.ticket import TicketEvent, TicketState, allowed
from app.domain.refusal import NotFound, RefusalCode
from app.domain.retention.case import REASONS
from app.service.field.access import check_seen, may_work, only_technician, shown_phone
from app.service.field.commands import StepTicket
from app.service.field.queries import TicketFilter
from app.service.field.views import offers_tried, ticket_lines
from app.web.deps import deps_of
from app.web.parameters import TicketKey
from app.web.people.auth import CurrentUser, actor_of
from app.web.reads import FieldReads
from app.web.render import page_of

router = APIRouter(prefix="/tickets")


@router.get("")
async def tickets(
    request: Request, user: CurrentUser, reads: FieldReads, state: str = ""
) -> HTMLResponse:
    mine = only_technician(actor_of(user))
    page = page_of(request, user)

    def build() -> str:
        rows = reads.tickets(TicketFilter(technician_id=mine, state=state))
        return page.html(
            "tickets.html",
            lines=ticket_lines(rows, page.deps.clock.now()),
            state=state,
            states=list(TicketState),
        )

    return HTMLResponse(await asyncio.to_thread(build))


@router.get("/{ticket_id}")
async def ticket(
    request: Request, user: CurrentUser, reads: FieldReads, ticket_id: TicketKey
) -> HTMLResponse:
    page = page_of(request, user)

    def build() -> str:
        found = reads.ticket(ticket_id)
        if found is None:
            raise NotFound(RefusalCode.NOT_FOUND, f"no ticket {ticket_id}")
        row, steps = found
        actor = actor_of(user)
        check_seen(actor, row.ticket)
        open_events = allowed(TicketState(row.ticket.state)) if may_work(actor, row.ticket) else ()
        events = [e for e in open_events if e != TicketEvent.ASSIGN]
        offers = offers_tried(row.ticket.offers)
        phone = shown_phone(actor, row.ticket)
        return page.html("ticket.html", row=row, phone=phone, steps=steps, events=events,
                         offers=offers, lost_reasons=REASONS)  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/{ticket_id}/events")
async def step(
    request: Request, user: CurrentUser, ticket_id: TicketKey, event: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "", note: Annotated[str, Form(max_length=2000)] = "",
) -> RedirectResponse:  # fmt: skip
    command = StepTicket(
        ticket_id=ticket_id, event=event, note=note, reason=reason, actor=actor_of(user)
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse(f"/tickets/{ticket_id}", status_code=303)
