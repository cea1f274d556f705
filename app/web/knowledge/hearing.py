"""What the speech model learned from own calls, night by night: asked for, used, rolled back."""

import asyncio
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.ids import LearningRunId
from app.domain.knowledge.learning_run import OPEN, LearningState
from app.domain.knowledge.learning_verdict import FEWEST_CHARACTERS
from app.service.knowledge.commands import AskLearning
from app.web.deps import WebDeps, deps_of
from app.web.knowledge.parts import go, render
from app.web.parameters import Id
from app.web.people.auth import FloorUser, SpeechTeacher, actor_of
from app.web.reads import KnowledgeReads

router = APIRouter(prefix="/workshop/hearing")


@router.get("")
async def hearing(request: Request, user: FloorUser, reads: KnowledgeReads) -> HTMLResponse:
    deps = deps_of(request)
    runs = await asyncio.to_thread(reads.learning_runs)
    model = Path(await asyncio.to_thread(deps.learning.learned.models.in_use))
    return await render(
        request, user, reads, "hearing.html", runs=runs, model=model.name,
        open=[run for run in runs if run.state in OPEN],
        used=[run for run in runs if run.state == LearningState.USED],
        fewest=FEWEST_CHARACTERS, **_rules(deps),
    )  # fmt: skip


def _rules(deps: WebDeps) -> dict[str, Any]:
    night = deps.learning.night
    hours = f"{night.start:%H:%M}–{night.end:%H:%M}" if night is not None else ""
    return {"allowed": night is not None, "hours": hours, "days": deps.learn_days}


@router.post("/run")
async def ask(request: Request, user: SpeechTeacher) -> RedirectResponse:
    """It begins as soon as no call is going on."""
    command = AskLearning(actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return go("/hearing")


@router.post("/back")
async def back(request: Request, user: SpeechTeacher) -> RedirectResponse:
    await asyncio.to_thread(deps_of(request).learning.roll_back, actor_of(user))
    return go("/hearing")


@router.post("/{run_id}/use")
async def use(request: Request, user: SpeechTeacher, run_id: Id) -> RedirectResponse:
    """Though too few corrected words could judge it."""
    learned = deps_of(request).learning.learned
    await asyncio.to_thread(learned.insist, actor_of(user), LearningRunId(run_id))
    return go("/hearing")
