"""The robot for supervisors: its dialogs as a flow, where callers give up, versions."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.domain.refusal import NotFound, RefusalCode
from app.domain.robot.vocabulary import (
    OPENINGS,
)
from app.language.knowledge.content import ContentError
from app.service.robot.commands import PublishDialogs
from app.service.robot.queries import RobotQueries
from app.settings import ROOT
from app.web.deps import deps_of
from app.web.i18n import Translator, language_of
from app.web.parameters import ShippedOrId
from app.web.people.auth import FloorUser, actor_of
from app.web.problems import describe_fault
from app.web.reads import RobotReads
from app.web.render import page_of
from app.web.robot.voice import voice_form

router = APIRouter(prefix="/robot")
SINCE = timedelta(days=30)
_SHIPPED = ROOT / "prompts" / "robot" / "dialogs.yaml"
_LONGEST = 100_000


@dataclass(slots=True)
class TaskFigures:
    """One task's conversations: ended by the robot, handed over, left (and where)."""

    total: int = 0
    finished: int = 0
    person: int = 0
    message: int = 0
    left: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def _figures(reads: RobotQueries, since: datetime) -> dict[str, TaskFigures]:
    figures: dict[str, TaskFigures] = defaultdict(TaskFigures)
    for task, outcome, place, count in reads.robot_figures(since):
        one = figures[task]
        one.total += count
        if outcome in ("person", "message"):
            setattr(one, outcome, getattr(one, outcome) + count)
        elif outcome and outcome != "silent":
            one.finished += count
        else:
            one.left[outcome or place] += count
    return dict(sorted(figures.items(), key=lambda item: -item[1].total))


def dialogs_text(reads: RobotQueries) -> str:
    """The dialogs that the robot follows, as YAML."""
    versions = reads.dialog_versions(1)
    return versions[0].text if versions else _SHIPPED.read_text(encoding="utf-8")


async def robot_page(
    request: Request, user: FloorUser, reads: RobotQueries, text: str = "", fault: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    """The page; ``text`` is what somebody tried to publish, and ``fault`` why it was not."""
    page = page_of(request, user)

    def build() -> str:
        deps = page.deps
        return page.html(
            "robot.html", flow=deps.content.current().dialogs,
            figures=_figures(reads, deps.clock.now() - SINCE), versions=reads.dialog_versions(),
            text=text or dialogs_text(reads), fault=fault,
            openings=OPENINGS, voice_form=voice_form(deps),
            voice=deps.voice.state if deps.voice is not None else None,
            voice_versions=reads.voice_versions(),
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build), status)


@router.get("")
async def robot(request: Request, user: FloorUser, reads: RobotReads) -> HTMLResponse:
    return await robot_page(request, user, reads)


@router.post("/publish")
async def publish(
    request: Request, user: FloorUser, reads: RobotReads,
    text: Annotated[str, Form(max_length=_LONGEST)],
    note: Annotated[str, Form(max_length=200)] = "",
) -> Response:  # fmt: skip
    """The next conversations follow this; what cannot be played is said, and nothing is lost."""
    deps = deps_of(request)
    try:
        command = PublishDialogs(text=text, note=note, actor=actor_of(user))
        await asyncio.to_thread(deps.bus.execute, command)
    except ContentError as error:
        said = describe_fault(Translator(language_of(request)), error)
        return await robot_page(request, user, reads, text, said, 422)
    return RedirectResponse("/robot", status_code=303)


@router.post("/restore/{version_id}")
async def restore(
    request: Request, user: FloorUser, reads: RobotReads, version_id: ShippedOrId
) -> RedirectResponse:
    """An earlier version again, as a new one; 0 is what came with the installation."""
    deps = deps_of(request)

    def again() -> None:
        known = {v.id: v.text for v in reads.dialog_versions(1000)}
        known[0] = _SHIPPED.read_text(encoding="utf-8")
        if version_id not in known:
            raise NotFound(RefusalCode.NOT_FOUND, f"no version {version_id}")
        note = f"= {version_id}"
        command = PublishDialogs(text=known[version_id], note=note, actor=actor_of(user))
        deps.bus.execute(command)

    await asyncio.to_thread(again)
    return RedirectResponse("/robot", status_code=303)
