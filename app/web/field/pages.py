"""Field tickets: the technician's list on a phone, and all of them for supervisors."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.field.ticket import TicketState, allowed
from app.domain.refusal import NotFound
from app.domain.retention.case import REASONS
from app.service.field.commands import StepTicket
from app.service.field.queries import TicketFilter
from app.service.field.views import offers_tried, ticket_lines
from app.web.deps import deps_of
from app.web.people.auth import CurrentUser, Forbidden
from app.web.render import page_of

router = APIRouter(prefix="/tickets")


@router.get("")
async def tickets(request: Request, user: CurrentUser, state: str = "") -> HTMLResponse:
    mine = user.id if user.role == "technician" else None
    page = page_of(request, user)

    def build() -> str:
        rows = page.deps.queries.tickets(TicketFilter(technician_id=mine, state=state))
        return page.html(
            "tickets.html",
            lines=ticket_lines(rows, page.deps.clock.now()),
            state=state,
            states=list(TicketState),
        )

    return HTMLResponse(await asyncio.to_thread(build))


@router.get("/{ticket_id}")
async def ticket(request: Request, user: CurrentUser, ticket_id: int) -> HTMLResponse:
    page = page_of(request, user)

    def build() -> str:
        found = page.deps.queries.ticket(ticket_id)
        if found is None:
            raise NotFound("not_found", f"no ticket {ticket_id}")
        row, steps = found
        if user.role == "technician" and row.ticket.technician_id != user.id:
            raise Forbidden
        events = [e for e in allowed(TicketState(row.ticket.state)) if e != "assign"]
        may = user.role in ("technician", "supervisor", "administrator")
        offers = offers_tried(row.ticket.offers)
        return page.html("ticket.html", row=row, steps=steps, events=events if may else [],
                         offers=offers, lost_reasons=REASONS)  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/{ticket_id}/events")
async def step(
    request: Request, user: CurrentUser, ticket_id: int, event: Annotated[str, Form()],
    reason: Annotated[str, Form()] = "", note: Annotated[str, Form(max_length=2000)] = "",
) -> RedirectResponse:  # fmt: skip
    if user.role not in ("technician", "supervisor", "administrator"):
        raise Forbidden
    deps = deps_of(request)

    def run() -> None:
        found = deps.queries.ticket(ticket_id)
        if found is None:
            raise NotFound("not_found", f"no ticket {ticket_id}")
        if user.role == "technician" and found[0].ticket.technician_id != user.id:
            raise Forbidden
        command = StepTicket(ticket_id, user.display_name, event, note, reason)
        deps.desk.execute(command)

    await asyncio.to_thread(run)
    return RedirectResponse(f"/tickets/{ticket_id}", status_code=303)
