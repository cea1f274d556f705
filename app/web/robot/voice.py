"""The robot's voice for supervisors: hear one, publish it, see how far it is, go back."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.domain.robot.voice import BLEND, PACES, SHIPPED, VoiceChoice, chosen
from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.robot.commands import PublishVoice
from app.service.robot.queries import RobotQueries
from app.service.robot.studio import SampleLate
from app.service.robot.voice_keeper import VoiceKeeper
from app.web.deps import WebDeps, deps_of
from app.web.parameters import ShippedOrId
from app.web.people.auth import FloorUser, actor_of
from app.web.reads import RobotReads
from app.web.render import page_of

router = APIRouter(prefix="/robot/voice")
_NAME, _TEXT = 80, 200
_LATE_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceForm:
    """What can be chosen, and what is chosen now."""

    names: tuple[str, ...]
    paces: tuple[int, ...]
    first: str
    second: str
    pace: int
    text: str


def voice_form(deps: WebDeps) -> VoiceForm | None:
    """None where the voice is not chosen here."""
    if deps.voice is None:
        return None
    wanted = deps.voice.state.wanted
    first, _, second = wanted.voice.partition(BLEND)
    names = tuple(name for name in deps.voice.studio.voices if BLEND not in name)
    return VoiceForm(
        names=names, paces=PACES, first=first, second=second, pace=wanted.pace,
        text=greeting(deps),
    )  # fmt: skip


def greeting(deps: WebDeps) -> str:
    """The first thing that a caller hears."""
    texts = deps.content.current().dialogs.texts
    return texts["greeting"].replace("{hello}", texts.get("hello_morning", ""))[:_TEXT]


def _choice(
    request: Request, voice: Annotated[str, Query(max_length=_NAME)],
    pace: Annotated[int, Query()], blend: Annotated[str, Query(max_length=_NAME)] = "",
) -> VoiceChoice:  # fmt: skip
    """Raises Invalid for what is not offered here."""
    return chosen(blended(voice, blend), pace, _keeper(request).studio.voices)


Chosen = Annotated[VoiceChoice, Depends(_choice)]
Sentence = Annotated[str, Query(max_length=_TEXT)]


def blended(first: str, second: str) -> str:
    """The name of a voice, or of the even blend of two."""
    return first if second in ("", first) else f"{first}{BLEND}{second}"


def _keeper(request: Request) -> VoiceKeeper:
    keeper = deps_of(request).voice
    if keeper is None:
        raise Invalid(RefusalCode.VOICE, "the voice is not chosen here")
    return keeper


async def _state(request: Request, user: FloorUser, reads: RobotQueries) -> HTMLResponse:
    page = page_of(request, user)

    def build() -> str:
        keeper = page.deps.voice
        return page.html(
            "robot_voice_state.html", voice=keeper.state if keeper is not None else None,
            voice_versions=reads.voice_versions(),
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build))


@router.get("")
async def voice_state(request: Request, user: FloorUser, reads: RobotReads) -> HTMLResponse:
    """The part of the page that says what is spoken and how far the chosen voice is."""
    return await _state(request, user, reads)


@router.get("/hear")
async def hear(request: Request, user: FloorUser, choice: Chosen, text: Sentence) -> HTMLResponse:
    """The part of the page that plays a sentence, or says that it takes longer."""
    late = await _sample(request, choice, text) is None
    query = urlencode({"voice": choice.voice, "pace": choice.pace, "text": text})
    page = page_of(request, user)
    return HTMLResponse(page.html("robot_voice_sample.html", late=late, query=query))


@router.get("/sample.wav")
async def sample(request: Request, user: FloorUser, choice: Chosen, text: Sentence) -> Response:
    """A sentence in a voice that need not be published. 503 while it is being rendered."""
    pcm16 = await _sample(request, choice, text)
    if pcm16 is None:
        return Response(status_code=503, headers={"Retry-After": str(_LATE_S)})
    return Response(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)), media_type="audio/wav")


async def _sample(request: Request, choice: VoiceChoice, text: str) -> bytes | None:
    studio = _keeper(request).studio
    try:
        return await asyncio.to_thread(studio.sample, choice, text)
    except SampleLate:
        return None


@router.post("/publish")
async def publish(
    request: Request, user: FloorUser, reads: RobotReads,
    voice: Annotated[str, Form(max_length=_NAME)], pace: Annotated[int, Form()],
    blend: Annotated[str, Form(max_length=_NAME)] = "",
    note: Annotated[str, Form(max_length=200)] = "",
) -> HTMLResponse:  # fmt: skip
    """The robot is to have this voice; the line changes over once it is rendered."""
    command = PublishVoice(
        voice=blended(voice, blend), pace=pace, note=note, actor=actor_of(user)
    )  # fmt: skip
    await _publish(request, command)
    return await _state(request, user, reads)


@router.post("/restore/{version_id}")
async def restore(
    request: Request, user: FloorUser, reads: RobotReads, version_id: ShippedOrId
) -> HTMLResponse:
    """An earlier voice again, as a new version; 0 is what came with the installation."""
    known = {v.id: v.choice for v in await asyncio.to_thread(reads.voice_versions, 1000)}
    known[0] = SHIPPED
    if version_id not in known:
        raise NotFound(RefusalCode.NOT_FOUND, f"no version {version_id}")
    choice, note = known[version_id], f"= {version_id}"
    command = PublishVoice(voice=choice.voice, pace=choice.pace, note=note, actor=actor_of(user))
    await _publish(request, command)
    return await _state(request, user, reads)


async def _publish(request: Request, command: PublishVoice) -> None:
    """The page that answers already shows it; other brains follow by the notice."""
    keeper = _keeper(request)
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    await asyncio.to_thread(keeper.refresh)
