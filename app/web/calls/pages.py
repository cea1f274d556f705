"""The supervisor's first page: all calls, and one call with its recording."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.domain.ids import UtteranceId
from app.domain.people.permission import Permission
from app.domain.refusal import NotFound, RefusalCode
from app.domain.retention.case import CasePhase
from app.service.calls.queries import CallFilter
from app.service.calls.records import Call
from app.service.field.commands import ReportOutage
from app.service.knowledge.commands import CorrectWords
from app.service.people.records import User
from app.service.retention.commands import SetStock
from app.web.calls.recordings import serve_recording
from app.web.calls.shared import shared_of
from app.web.deps import deps_of, feed_seq
from app.web.parameters import Count, Hours, Id, day_or_none, id_or_none
from app.web.people.auth import DeskUser, FloorUser, actor_of, log_access
from app.web.reads import CallReads
from app.web.render import page_of

router = APIRouter()
#: Families that say nothing about why somebody rang.
_MEANS_NOTHING = ("none", "affirm", "deny")
_KEPT = (CasePhase.KEPT, CasePhase.KEPT_AT_DOOR)


@router.get("/calls")
async def calls(
    request: Request, user: FloorUser, reads: CallReads, agent: str = "", intent: str = "",
    q: str = "",
    first: Annotated[str, Query(alias="from")] = "", last: Annotated[str, Query(alias="to")] = "",
) -> HTMLResponse:  # fmt: skip
    wanted = CallFilter(
        id_or_none(agent), intent, day_or_none(first), day_or_none(last), q.strip(),
        limit=100,
    )  # fmt: skip
    page = page_of(request, user)
    seq = await feed_seq(page.deps)

    def build() -> str:
        floor = shared_of(request).floor.value()
        kinds = page.deps.content.current().engine.kinds.values()
        return page.html(
            "calls.html", rows=reads.calls(wanted), wanted=wanted, seq=seq,
            kinds=[k for k in kinds if k.family not in _MEANS_NOTHING], kept=_KEPT, floor=floor,
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/outages")
async def outage(
    request: Request, user: FloorUser, grid_id: Annotated[Id, Form()],
    text: Annotated[str, Form(max_length=200)] = "", hours: Annotated[Hours, Form()] = 4,
    ended: Annotated[bool, Form()] = False,
) -> RedirectResponse:  # fmt: skip
    """A grid is down, or up again: agents see it with the next caller from there."""
    command = ReportOutage(
        grid_id=grid_id, text=text, hours=hours, ended=ended, actor=actor_of(user)
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse("/calls", status_code=303)


@router.post("/stock")
async def stock(
    request: Request, user: FloorUser, item: Annotated[str, Form(max_length=48)],
    left: Annotated[Count, Form()],
) -> RedirectResponse:  # fmt: skip
    """How many of what an offer hands over are left."""
    command = SetStock(item=item, left=left, actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse("/calls", status_code=303)


@router.get("/calls/{call_id}")
async def call(request: Request, user: DeskUser, reads: CallReads, call_id: str) -> HTMLResponse:
    page = page_of(request, user)

    def build() -> str:
        view = reads.call(call_id)
        if view is None or not _may_see(user, view.call):
            raise NotFound(RefusalCode.NOT_FOUND, f"no call {call_id}")
        log_access(page.deps, actor_of(user), "call_viewed", call_id)
        return page.html("call.html", view=view)

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/calls/{call_id}/words/{utterance_id}")
async def words(
    request: Request, user: FloorUser, call_id: str, utterance_id: Id,
    text: Annotated[str, Form(max_length=500)] = "",
) -> RedirectResponse:  # fmt: skip
    """What was really said, by somebody who has listened."""
    command = CorrectWords(
        call_id=call_id, utterance_id=UtteranceId(utterance_id), text=text, actor=actor_of(user)
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse(f"/calls/{quote(call_id)}#transcript", status_code=303)


@router.get("/calls/{call_id}/recording.wav")
async def recording(request: Request, user: DeskUser, reads: CallReads, call_id: str) -> Response:
    deps = deps_of(request)

    def find() -> Call:
        view = reads.call(call_id)
        if view is None or not _may_see(user, view.call):
            raise NotFound(RefusalCode.NOT_FOUND, f"no call {call_id}")
        if "range" not in request.headers:
            log_access(deps, actor_of(user), "recording_played", call_id)
        return view.call

    found = await asyncio.to_thread(find)
    return serve_recording(deps.home, found, request.headers.get("range", ""))


def _may_see(user: User, call: Call) -> bool:
    """Agents hear their own calls and messages; supervisors hear all."""
    actor = actor_of(user)
    return actor.may(Permission.SEE_CALLS) or call.agent_id is None or actor.is_user(call.agent_id)
