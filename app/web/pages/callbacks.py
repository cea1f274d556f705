"""The call-back list: who is rung next, and what came of it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.service import commands
from app.web.auth import DeskUser
from app.web.deps import deps_of
from app.web.render import page_of

router = APIRouter(prefix="/callbacks")


@router.get("")
async def callbacks(request: Request, user: DeskUser) -> HTMLResponse:
    page = page_of(request, user)

    def build() -> str:
        queries = page.deps.queries
        rows, closed = queries.callbacks(), queries.closed_callbacks()
        return page.html("callbacks.html", rows=rows, closed=closed)

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/{callback_id}/{event}")
async def step(
    request: Request, user: DeskUser, callback_id: int, event: str,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> RedirectResponse:  # fmt: skip
    assert user.id is not None  # noqa: S101  stored users have one
    command = commands.StepCallback(callback_id, user.id, event, note)
    await asyncio.to_thread(deps_of(request).desk.execute, command)
    return RedirectResponse("/callbacks", status_code=303)
