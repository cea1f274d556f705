"""The robot for supervisors: its dialogs as a flow, where callers give up, try it, versions."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.domain.refusal import NotFound, RefusalCode
from app.domain.robot import conversation as dialog
from app.domain.robot.speaker import sentences
from app.domain.robot.vocabulary import (
    OPENINGS,
    Act,
    Acted,
    DialogEffect,
    DialogEvent,
    DialogState,
    Facts,
    Flow,
    Pressed,
    Say,
    Silent,
    Started,
)
from app.language.knowledge.content import ContentError
from app.language.understanding.understood import Situation
from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.robot.commands import PublishDialogs
from app.service.robot.queries import RobotQueries
from app.service.robot.said import said_of
from app.service.robot.state import dump_dialog, load_dialog
from app.service.state_codec import StateError
from app.settings import ROOT
from app.web.deps import WebDeps, deps_of
from app.web.i18n import Translator, language_of
from app.web.parameters import ShippedOrId
from app.web.people.auth import FloorUser, actor_of
from app.web.problems import describe_fault
from app.web.reads import RobotReads
from app.web.render import page_of
from app.web.robot.voice import voice_form
from app.web.spoken_file import LONGEST_BYTES, hear_file

_SPEAKERS = ("robot", "caller", "act")
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


# -- try it --------------------------------------------------------------------------------------


@router.post("/try")
async def try_it(
    request: Request, user: FloorUser, said: Annotated[str, Form(max_length=500)] = "",
    state: Annotated[str, Form(max_length=20_000)] = "",
    trail: Annotated[list[str] | None, Form(max_length=400)] = None,
) -> HTMLResponse:  # fmt: skip
    """One turn of a conversation that nothing comes of: an empty sentence is silence, one
    character of a key pad is a key."""
    return await _turn(request, user, said.strip(), state, trail or [])


@router.post("/try/voice")
async def try_by_voice(
    request: Request, user: FloorUser, audio: UploadFile,
    state: Annotated[str, Form(max_length=20_000)] = "",
    trail: Annotated[list[str] | None, Form(max_length=400)] = None,
) -> HTMLResponse:  # fmt: skip
    """The same turn, spoken: a WAV file through the line's own recogniser."""
    deps = deps_of(request)
    data = await audio.read(LONGEST_BYTES + 1)
    words = await asyncio.to_thread(hear_file, deps, data)
    said = "".join(word.word for word in words)
    return await _turn(request, user, said, state, trail or [])


@router.get("/speech.wav")
async def speech(
    request: Request, user: FloorUser, text: Annotated[str, Query(max_length=500)]
) -> Response:  # fmt: skip
    """How the robot says it."""
    prompts = deps_of(request).switchboard.speech.prompts
    pcm16 = b"".join([
        await asyncio.to_thread(prompts.speech, sentence, slow=False)
        for sentence in sentences(text)
    ])  # fmt: skip
    return Response(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)), media_type="audio/wav")


def _known(trail: list[str]) -> list[str]:
    """What the page sent back of the conversation so far, as far as it is that."""
    return [line for line in trail if line.partition("|")[0] in _SPEAKERS and "|" in line]


async def _turn(
    request: Request, user: FloorUser, said: str, state: str, trail: list[str]
) -> HTMLResponse:
    page = page_of(request, user)

    def turn() -> str:
        before = _begun(state)
        event = _event(page.deps, said) if before is not None else Started()
        flow = page.deps.content.current().dialogs
        after, effects = _step(flow, page.deps, before or DialogState(), event)
        heard = [f"caller|{said}"] if before is not None else []
        lines, text = [*_known(trail), *heard, *_lines(effects)], dump_dialog(after)
        spoken = "".join(effect.text for effect in effects if isinstance(effect, Say))
        return page.html(
            "robot_try.html", lines=lines, state=text, place=after.place, spoken=spoken
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(turn))


def _begun(state: str) -> DialogState | None:
    """The conversation that the page has; None where it has none, or none that can be read."""
    try:
        return load_dialog(state) if state else None
    except StateError:
        return None


def _event(deps: WebDeps, said: str) -> DialogEvent:
    if not said:
        return Silent()
    if len(said) == 1 and said in "0123456789*#":
        return Pressed(said)
    content = deps.content.current()
    found = content.engine.understand(said, Situation(deps.clock.local()))
    return said_of(found, 1.0, content)


def _step(
    flow: Flow, deps: WebDeps, state: DialogState, event: DialogEvent
) -> tuple[DialogState, list[DialogEffect]]:
    """With a made-up customer; what would be done is shown, not done."""
    facts = Facts("13800000000", "海景花园1栋101", "1234", "每月59元，没有欠费",
                  trees=deps.content.current().faults)  # fmt: skip
    state, effects = dialog.step(flow, facts, state, event)
    shown: list[DialogEffect] = []
    for effect in effects:
        shown.append(effect)
        if isinstance(effect, Act):
            state, more = dialog.step(flow, facts, state, Acted({"number": "0001"}))
            shown += more
    return replace(state), shown


def _lines(effects: list[DialogEffect]) -> list[str]:
    return [
        f"robot|{effect.text}" if isinstance(effect, Say)
        else f"act|{type(effect).__name__} {getattr(effect, 'what', '')}"
        for effect in effects
    ]  # fmt: skip
