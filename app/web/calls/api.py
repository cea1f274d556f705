"""What programs read of calls: masked numbers, redacted text."""

import asyncio
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import Response

from app.domain.people.permission import Permission
from app.domain.refusal import NotFound, RefusalCode
from app.service.calls.queries import CallFilter, CallQueries, CallView
from app.web.answers import api_router, problems
from app.web.calls.api_answers import CallsOut, ListedCallOut, WholeCallOut
from app.web.calls.recordings import serve_recording
from app.web.deps import deps_of
from app.web.parameters import Day, Id, Limit
from app.web.people.auth import CurrentProgram, check, log_access
from app.web.reads import CallReads

router = api_router("/calls")
_AUDIO = {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
_RECORDING: dict[int | str, dict[str, Any]] = {
    200: {"description": "The stereo WAV: caller left, agent right.", **_AUDIO},
    206: {"description": "The bytes of `Range`.", **_AUDIO},
    416: {"description": "The recording is shorter than `Range` says."},
}


@router.get("", responses=problems(403, 422))
async def calls(
    program: CurrentProgram, reads: CallReads, agent: Id | None = None, intent: str = "",
    first: Annotated[Day | None, Query(alias="from")] = None,
    last: Annotated[Day | None, Query(alias="to")] = None,
    text: str = "", limit: Limit = 50,
) -> CallsOut:  # fmt: skip
    """The newest first; ``intent`` is a family or a whole intent, ``text`` words that were said."""
    check(program, Permission.SEE_CALLS)
    wanted = CallFilter(agent, intent, first, last, text, limit=limit)
    rows = await asyncio.to_thread(reads.calls, wanted)
    return CallsOut(calls=[ListedCallOut.of_row(row) for row in rows])


@router.get("/{call_id}", responses=problems(403, 404, 422))
async def call(
    request: Request, program: CurrentProgram, reads: CallReads, call_id: str
) -> WholeCallOut:
    """One call with what was said, offered and noted in it."""
    check(program, Permission.SEE_CALLS)
    view = await asyncio.to_thread(_found, reads, call_id)
    await asyncio.to_thread(log_access, deps_of(request), program, "call_viewed", call_id)
    return WholeCallOut.of_view(view)


@router.get(
    "/{call_id}/recording",
    response_class=Response,
    responses={**_RECORDING, **problems(403, 404, 422)},
)
async def recording(
    request: Request, program: CurrentProgram, reads: CallReads, call_id: str
) -> Response:
    check(program, Permission.SEE_CALLS)
    deps = deps_of(request)
    view = await asyncio.to_thread(_found, reads, call_id)
    if "range" not in request.headers:
        await asyncio.to_thread(log_access, deps, program, "recording_played", call_id)
    return serve_recording(deps.home, view.call, request.headers.get("range", ""))


def _found(reads: CallQueries, call_id: str) -> CallView:
    """Blocking. Raises NotFound."""
    view = reads.call(call_id)
    if view is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no call {call_id}")
    return view
