"""The agent's day: what is to be done after calls, and the calls of today."""

import asyncio
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.service.callbacks.commands import SettleTask
from app.service.callbacks.views import task_lines
from app.web.deps import deps_of
from app.web.parameters import Hours, TaskKey
from app.web.people.auth import AgentUser, actor_of
from app.web.reads import CallbackReads, CallReads
from app.web.render import page_of

router = APIRouter(prefix="/day")


@router.get("")
async def day(
    request: Request, user: AgentUser, reads: CallReads, callbacks: CallbackReads
) -> HTMLResponse:
    page = page_of(request, user)
    deps = page.deps
    assert user.id is not None  # noqa: S101  stored users have one
    user_id, now = user.id, deps.clock.local()
    midnight = datetime.combine(now.date(), time(), now.tzinfo)

    def build() -> str:
        tasks = task_lines(callbacks.tasks(user_id), deps.clock.now())
        calls = reads.day(user_id, midnight)
        kept = sum(call.disposition == "kept" for call in calls)
        return page.html("day.html", tasks=tasks, calls=calls, kept=kept)

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/tasks/{task_id}")
async def settle(
    request: Request, user: AgentUser, task_id: TaskKey, outcome: Annotated[str, Form()],
    note: Annotated[str, Form(max_length=500)] = "", hours: Annotated[Hours, Form()] = 2,
) -> RedirectResponse:  # fmt: skip
    command = SettleTask(
        task_id=task_id, outcome=outcome, note=note, hours=hours, actor=actor_of(user)
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse("/day", status_code=303)
