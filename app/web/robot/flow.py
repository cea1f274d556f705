"""One node of the robot's flow, edited by itself: the dialogs as they are with one change."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import yaml
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from app.domain.refusal import NotFound, RefusalCode
from app.language.knowledge.content import ContentError
from app.service.robot.commands import PublishDialogs
from app.service.robot.queries import RobotQueries
from app.web.deps import deps_of
from app.web.i18n import Translator, language_of
from app.web.people.auth import FloorUser, actor_of
from app.web.problems import describe_fault
from app.web.reads import RobotReads
from app.web.robot.pages import dialogs_text, robot_page

router = APIRouter(prefix="/robot/flow")

_LINE = Form(max_length=400)
_MARKS = ("whole", "urgent")
_LISTS = ("intents", "slots")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


def changed(text: str, kind: str, code: str, values: Mapping[str, str]) -> str:
    """The dialogs with one task, slot or text set to ``values``; empty ones are left out, what is
    not named stays. Raises NotFound for a node that is not there."""
    data: dict[str, Any] = yaml.safe_load(text)
    nodes = data.get(kind, {})
    if code not in nodes:
        raise NotFound(RefusalCode.NOT_FOUND, f"no {kind} {code}")
    if kind == "texts":
        nodes[code] = values["text"]
    else:
        nodes[code] = _node(nodes[code], values)
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=160))


def _node(before: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    after = dict(before)
    for name, value in values.items():
        if name in _LISTS:
            after[name] = _listed(value)
        elif name in _MARKS:
            after[name] = value == "on"
        else:
            after[name] = value
        if not after[name]:
            after.pop(name)
    return after


async def _publish(
    request: Request,
    user: FloorUser,
    reads: RobotQueries,
    kind: str,
    code: str,
    values: Mapping[str, str],
) -> Response:
    """What cannot be played is said, and nothing is lost: the whole text is there to be mended."""
    deps = deps_of(request)
    text = changed(await asyncio.to_thread(dialogs_text, reads), kind, code, values)
    try:
        command = PublishDialogs(text=text, note=f"{kind} {code}", actor=actor_of(user))
        await asyncio.to_thread(deps.bus.execute, command)
    except ContentError as error:
        said = describe_fault(Translator(language_of(request)), error)
        return await robot_page(request, user, reads, text, said, 422)
    return RedirectResponse(f"/robot#{kind}-{code}", status_code=303)


@router.post("/tasks/{code}")
async def task(
    request: Request, user: FloorUser, reads: RobotReads, code: str, name: Annotated[str, _LINE],
    done: Annotated[str, _LINE], key: Annotated[str, _LINE] = "",
    intents: Annotated[str, _LINE] = "", start: Annotated[str, _LINE] = "",
    before: Annotated[str, _LINE] = "", slots: Annotated[str, _LINE] = "",
    whole: Annotated[str, _LINE] = "", urgent: Annotated[str, _LINE] = "",
    done_by_phone: Annotated[str, _LINE] = "",
) -> Response:  # fmt: skip
    values = {
        "name": name.strip(), "key": key.strip(), "intents": intents, "start": start.strip(),
        "before": before, "slots": slots, "done": done.strip(), "whole": whole, "urgent": urgent,
        "done_by_phone": done_by_phone.strip(),
    }  # fmt: skip
    return await _publish(request, user, reads, "tasks", code, values)


@router.post("/slots/{code}")
async def slot(
    request: Request, user: FloorUser, reads: RobotReads, code: str, ask: Annotated[str, _LINE],
    again: Annotated[str, _LINE], confirm: Annotated[str, _LINE] = "",
    offer_known: Annotated[str, _LINE] = "",
) -> Response:  # fmt: skip
    values = {"ask": ask.strip(), "again": again.strip(), "confirm": confirm.strip(),
              "offer_known": offer_known.strip()}  # fmt: skip
    return await _publish(request, user, reads, "slots", code, values)


@router.post("/texts/{code}")
async def said(
    request: Request, user: FloorUser, reads: RobotReads, code: str, text: Annotated[str, _LINE]
) -> Response:
    return await _publish(request, user, reads, "texts", code, {"text": text.strip()})
