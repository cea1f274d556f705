"""The call-back list: who is rung next, and what came of it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.refusal import RefusalCode, Refused
from app.service.callbacks.commands import OpenDraftedTicket, StepCallback
from app.service.callbacks.views import callback_lines
from app.web.deps import deps_of, feed_seq
from app.web.parameters import CallbackKey
from app.web.people.auth import DeskUser, actor_of
from app.web.reads import CallbackReads
from app.web.render import page_of

router = APIRouter(prefix="/callbacks")


@router.get("")
async def callbacks(request: Request, user: DeskUser, reads: CallbackReads) -> HTMLResponse:
    page = page_of(request, user)
    seq = await feed_seq(page.deps)

    def build() -> str:
        lines = callback_lines(reads.callbacks(), user.id, page.deps.clock.now())
        return page.html("callbacks.html", lines=lines, closed=reads.closed_callbacks(),
                         trunk=bool(page.deps.switchboard.outbound.trunk), seq=seq)  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/{callback_id}/dial")
async def dial(
    request: Request, user: DeskUser, reads: CallbackReads, callback_id: CallbackKey
) -> RedirectResponse:
    """Ring the caller up; the agent's own phone rings when they answer."""
    assert user.id is not None  # noqa: S101  stored users have one
    deps = deps_of(request)
    rows = await asyncio.to_thread(reads.callbacks)
    row = next((r for r in rows if r.callback.id == callback_id), None)
    if row is None or row.callback.claimed_by != user.id:
        raise Refused(RefusalCode.CALLBACK_STATE, "claim the call-back first")
    await deps.switchboard.outbound.ring_up(row.callback.caller, callback_id, user.id)
    return RedirectResponse("/desk", status_code=303)


@router.post("/{callback_id}/ticket")
async def ticket(
    request: Request, user: DeskUser, callback_id: CallbackKey,
    address: Annotated[str, Form(max_length=200)], phone: Annotated[str, Form(max_length=32)] = "",
    promise: Annotated[str, Form(max_length=200)] = "",
    brief: Annotated[str, Form(max_length=2000)] = "",
) -> RedirectResponse:  # fmt: skip
    """The drafted ticket, as it was completed."""
    command = OpenDraftedTicket(
        callback_id=callback_id,
        address=address,
        phone=phone,
        promise=promise,
        brief=brief,
        actor=actor_of(user),
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse(f"/callbacks#callback-{callback_id}", status_code=303)


@router.post("/{callback_id}/{event}")
async def step(
    request: Request, user: DeskUser, callback_id: CallbackKey, event: str,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> RedirectResponse:  # fmt: skip
    command = StepCallback(callback_id=callback_id, event=event, note=note, actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse("/callbacks", status_code=303)
