"""The robot tried by a supervisor: the line's own code and state, with a customer that is made up.

What the line adds is added here too: the short replies of the place, a second topic, offers in the
customer's figures, and who can be reached. What would be done is shown, and not done.
"""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response

from app.domain.field.guide import FaultTree
from app.domain.retention.case import NO_OFFER_REASONS
from app.domain.retention.offer import OfferSubject, fitting
from app.domain.robot import conversation as dialog
from app.domain.robot.speaker import replies_at, sentences
from app.domain.robot.vocabulary import (
    Act,
    Acted,
    DialogEffect,
    DialogEvent,
    DialogState,
    Pressed,
    Say,
    Silent,
    Started,
)
from app.language.understanding.understood import Situation
from app.media import wav
from app.media.g711 import RATE_HZ
from app.service.retention.calculators import in_figures
from app.service.robot.said import said_of
from app.service.robot.state import dump_dialog, load_dialog
from app.service.state_codec import StateError
from app.web.deps import WebDeps, deps_of
from app.web.people.auth import FloorUser
from app.web.render import page_of
from app.web.spoken_file import LONGEST_BYTES, hear_file

router = APIRouter(prefix="/robot")
_SPEAKERS = ("robot", "caller", "act")
_SAID = Form(max_length=500)
_STATE = Form(max_length=40_000)
_TRAIL = Form(max_length=400)
_WHO = Form(max_length=20)
#: Who can be reached: nobody, as at night; agents; whoever is on duty.
REACHABLE = ("", "staffed", "on_duty")
_SUBJECT = OfferSubject(tenure_months=40, monthly_fen=7700, arrears_fen=0)


@dataclass(frozen=True, slots=True)
class TrialHouse:
    """Implements the dialogs' House for somebody who does not exist."""

    deps: WebDeps
    reachable: str = ""
    phone: str = "13800000000"
    address: str = "海景花园1栋101"
    last4: str = "1234"
    bill: str = "您的套餐是试用套餐，每月77元，没有欠费"
    outage: str = ""
    stopping: bool = False

    @property
    def staffed(self) -> bool:
        return self.reachable == "staffed"

    @property
    def on_duty(self) -> bool:
        return self.reachable == "on_duty"

    @property
    def hour(self) -> int:
        return self.deps.clock.local().hour

    @property
    def trees(self) -> tuple[FaultTree, ...]:
        return self.deps.content.current().faults

    def offer_for(self, reason: str) -> tuple[str, str] | None:
        """The best offer of the content for a customer of 40 months who pays 77 yuan."""
        if not reason or reason in NO_OFFER_REASONS:
            return None
        offers, today = self.deps.content.current().offers, self.deps.clock.local().date()
        found = fitting(offers, _SUBJECT, reason, (), today)
        return (found[0].code, in_figures(found[0], _SUBJECT.monthly_fen).words) if found else None

    def answer_of(self, entry: str) -> str:
        found = self.deps.content.current().faq_entry(entry)
        return (found.spoken or found.answer) if found is not None else ""


@router.post("/try")
async def try_it(
    request: Request, user: FloorUser, said: Annotated[str, _SAID] = "",
    state: Annotated[str, _STATE] = "", trail: Annotated[list[str] | None, _TRAIL] = None,
    reachable: Annotated[str, _WHO] = "",
) -> HTMLResponse:  # fmt: skip
    """One turn of a conversation that nothing comes of: an empty sentence is silence, one
    character of a key pad is a key."""
    return await _turn(request, user, said.strip(), state, trail or [], reachable)


@router.post("/try/voice")
async def try_by_voice(
    request: Request, user: FloorUser, audio: UploadFile, state: Annotated[str, _STATE] = "",
    trail: Annotated[list[str] | None, _TRAIL] = None, reachable: Annotated[str, _WHO] = "",
) -> HTMLResponse:  # fmt: skip
    """The same turn, spoken: a WAV file through the line's own recogniser."""
    deps = deps_of(request)
    data = await audio.read(LONGEST_BYTES + 1)
    words = await asyncio.to_thread(hear_file, deps, data)
    said = "".join(word.word for word in words)
    return await _turn(request, user, said, state, trail or [], reachable)


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


async def _turn(
    request: Request, user: FloorUser, said: str, state: str, trail: list[str], reachable: str
) -> HTMLResponse:
    page = page_of(request, user)
    house = TrialHouse(page.deps, reachable)

    def turn() -> str:
        before = _begun(state)
        event = _event(page.deps, before, said) if before is not None else Started()
        after, effects = _step(house, before or DialogState(), event)
        heard = [f"caller|{said}"] if before is not None else []
        lines, text = [*_known(trail), *heard, *_lines(effects)], dump_dialog(after)
        spoken = "".join(effect.text for effect in effects if isinstance(effect, Say))
        return page.html(
            "robot_try.html", lines=lines, state=text, place=after.place, spoken=spoken[:500],
            reachable=reachable,
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(turn))


def _known(trail: list[str]) -> list[str]:
    """What the page sent back of the conversation so far, as far as it is that."""
    return [line for line in trail if line.partition("|")[0] in _SPEAKERS and "|" in line]


def _begun(state: str) -> DialogState | None:
    """The conversation that the page has; None where it has none, or none that can be read."""
    try:
        return load_dialog(state) if state else None
    except StateError:
        return None


def _event(deps: WebDeps, before: DialogState, said: str) -> DialogEvent:
    if not said:
        return Silent()
    if len(said) == 1 and said in "0123456789*#":
        return Pressed(said)
    content = deps.content.current()
    situation = Situation(deps.clock.local(), replies_at(before.place))
    return said_of(content.engine.understand(said, situation), 1.0, content)


def _step(
    house: TrialHouse, state: DialogState, event: DialogEvent
) -> tuple[DialogState, list[DialogEffect]]:
    """As on the line, each deed is answered before what follows it is said."""
    flow = house.deps.content.current().dialogs
    state, effects = dialog.step(flow, house, state, event)
    shown, pending = list[DialogEffect](), list(effects)
    while pending:
        effect = pending.pop(0)
        shown.append(effect)
        if isinstance(effect, Act):
            state, more = dialog.step(flow, house, state, Acted({"number": "0001"}))
            pending = [*more, *pending]
    return state, shown


def _lines(effects: list[DialogEffect]) -> list[str]:
    return [
        f"robot|{effect.text}" if isinstance(effect, Say)
        else f"act|{type(effect).__name__} {getattr(effect, 'what', '')}"
        for effect in effects
    ]  # fmt: skip
