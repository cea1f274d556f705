"""The JSON API. What a token may do follows from its role's permissions, as on the pages."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from app.domain.ids import TicketId, UserId
from app.domain.people.actor import Actor
from app.domain.people.permission import Permission
from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.service.calls.queries import CallFilter
from app.service.field.access import check_seen, only_technician
from app.service.field.commands import OpenTicket, StepTicket
from app.service.field.queries import TicketFilter
from app.service.queue.commands import ChangePresence
from app.web.api import shapes
from app.web.calls.recordings import serve_recording
from app.web.deps import deps_of
from app.web.parameters import Day, Id, Limit, Text, UserKey
from app.web.people.auth import CurrentProgram, check, log_access

router = APIRouter(prefix="/api/v1")


class UnderstandIn(BaseModel):
    """The body of ``POST understand``: one utterance."""

    text: Text = Field(max_length=10_000)


class TicketIn(BaseModel):
    """A ticket opened by a program for a call."""

    call_id: Text
    user_id: Id
    kind: Text = "retention"
    address: Text = Field(default="", max_length=200)
    phone: Text = Field(default="", max_length=32)
    promise: Text = Field(default="", max_length=2000)
    brief: Text = Field(default="", max_length=2000)
    grid_id: Id | None = None


class TicketEventIn(BaseModel):
    """An event of the ticket machine: assign, contact, postpone, visit, keep, lose, miss, close."""

    event: Text
    note: Text = Field(default="", max_length=2000)
    reason: Text = Field(default="", max_length=200)
    technician_id: UserKey | None = None


class StateIn(BaseModel):
    """``go_ready``, ``go_break`` or ``go_offline``."""

    event: Text


@router.post("/understand")
async def understand(
    request: Request, program: CurrentProgram, body: UnderstandIn
) -> dict[str, Any]:
    engine = deps_of(request).content.current().engine
    heard = await asyncio.to_thread(engine.understand, body.text)
    return heard.as_json()


@router.get("/calls")
async def calls(
    request: Request, program: CurrentProgram, agent: Id | None = None, intent: str = "",
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    text: str = "", limit: Limit = 50,
) -> dict[str, Any]:  # fmt: skip
    check(program, Permission.SEE_CALLS)
    wanted = CallFilter(agent, intent, first, last, text, limit=limit)
    rows = await asyncio.to_thread(deps_of(request).queries.calls, wanted)
    return {"calls": [shapes.call_row(row) for row in rows]}


@router.get("/calls/{call_id}")
async def call(request: Request, program: CurrentProgram, call_id: str) -> dict[str, Any]:
    check(program, Permission.SEE_CALLS)
    view = await asyncio.to_thread(deps_of(request).queries.call, call_id)
    if view is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no call {call_id}")
    await asyncio.to_thread(log_access, deps_of(request), program, "call_viewed", call_id)
    return shapes.call_view(view)


@router.get("/calls/{call_id}/recording")
async def recording(request: Request, program: CurrentProgram, call_id: str) -> Response:
    check(program, Permission.SEE_CALLS)
    deps = deps_of(request)
    view = await asyncio.to_thread(deps.queries.call, call_id)
    if view is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no call {call_id}")
    if "range" not in request.headers:
        await asyncio.to_thread(log_access, deps, program, "recording_played", call_id)
    return serve_recording(deps.home, view.call, request.headers.get("range", ""))


@router.get("/tickets")
async def tickets(
    request: Request, program: CurrentProgram, state: str = "", kind: str = "",
    technician: Id | None = None, limit: Limit = 100,
) -> dict[str, Any]:  # fmt: skip
    only = only_technician(program)
    wanted = TicketFilter(technician if only is None else only, state, kind, limit)
    rows = await asyncio.to_thread(deps_of(request).queries.tickets, wanted)
    return {"tickets": [shapes.ticket(row, program, str(request.base_url)) for row in rows]}


@router.post("/tickets", status_code=201)
async def open_ticket(request: Request, program: CurrentProgram, body: TicketIn) -> dict[str, Any]:
    check(program, Permission.OPEN_TICKETS)
    deps = deps_of(request)
    command = OpenTicket(
        body.call_id, body.kind, body.address, body.phone, body.promise, body.brief, body.grid_id,
        UserId(body.user_id), actor=program,
    )  # fmt: skip
    key = request.headers.get("idempotency-key", "")[:100]
    if key:
        ticket_id = await asyncio.to_thread(deps.bus.execute_once, key, command)
    else:
        ticket_id = await asyncio.to_thread(deps.bus.execute, command)
    return await _ticket(request, program, ticket_id)


async def _ticket(request: Request, program: Actor, ticket_id: Id) -> dict[str, Any]:
    found = await asyncio.to_thread(deps_of(request).queries.ticket, ticket_id)
    if found is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no ticket {ticket_id}")
    row, steps = found
    check_seen(program, row.ticket)
    shape = shapes.ticket(row, program, str(request.base_url))
    return shape | {"events": [shapes.step(s) for s in steps]}


@router.get("/tickets/{ticket_id}")
async def ticket(request: Request, program: CurrentProgram, ticket_id: Id) -> dict[str, Any]:
    return await _ticket(request, program, ticket_id)


@router.post("/tickets/{ticket_id}/events")
async def ticket_event(
    request: Request, program: CurrentProgram, ticket_id: Id, body: TicketEventIn
) -> dict[str, Any]:
    command = StepTicket(
        TicketId(ticket_id), body.event, body.note, body.reason, body.technician_id, actor=program
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return await _ticket(request, program, ticket_id)


@router.get("/voicemails")
async def voicemails(request: Request, program: CurrentProgram) -> dict[str, Any]:
    check(program, Permission.SEE_CALLS)
    rows = await asyncio.to_thread(deps_of(request).queries.voicemails)
    return {"voicemails": [shapes.voicemail(row) for row in rows]}


@router.get("/callbacks")
async def callbacks(request: Request, program: CurrentProgram) -> dict[str, Any]:
    """Who waits for a call, the most urgent first."""
    check(program, Permission.SEE_CALLS)
    rows = await asyncio.to_thread(deps_of(request).queries.callbacks)
    return {"callbacks": [shapes.callback(row) for row in rows]}


@router.get("/agents")
async def agents(request: Request, program: CurrentProgram) -> dict[str, Any]:
    check(program, Permission.SEE_FLOOR)
    rows = await asyncio.to_thread(deps_of(request).queries.agents)
    return {"agents": [shapes.agent(row) for row in rows]}


@router.post("/agents/{agent_id}/state")
async def agent_state(
    request: Request, program: CurrentProgram, agent_id: Id, body: StateIn
) -> dict[str, Any]:
    check(program, Permission.MANAGE_AGENTS)
    deps = deps_of(request)
    if not body.event:
        raise Invalid(RefusalCode.PRESENCE, "event is missing")
    command = ChangePresence(UserId(agent_id), body.event, actor=program)
    state = await asyncio.to_thread(deps.bus.execute, command)
    deps.switchboard.agent_freed()
    return {"id": agent_id, "state": state}
