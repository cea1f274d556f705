"""The try-it box: a sentence, typed or spoken, and the decision on it with its evidence."""

import asyncio
from statistics import fmean
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi.responses import HTMLResponse

from app.domain.refusal import Invalid, RefusalCode
from app.language.understanding.understood import Situation
from app.service.knowledge.queries import KnowledgeQueries
from app.service.ports import WorkFailed
from app.web.deps import WebDeps, deps_of
from app.web.knowledge.parts import render
from app.web.people.auth import FloorUser
from app.web.reads import KnowledgeReads
from app.web.render import page_of
from app.web.spoken_file import LONGEST_BYTES, hear_file

router = APIRouter(prefix="/workshop/try")
STATES = ("", "question", "read_back", "offer", "anything_else")


@router.get("")
async def page(
    request: Request, user: FloorUser, reads: KnowledgeReads, text: str = ""
) -> HTMLResponse:
    return await render(request, user, reads, "try.html", text=text, states=STATES)


@router.post("")
async def decide(
    request: Request, user: FloorUser, reads: KnowledgeReads,
    text: Annotated[str, Form(max_length=20_000)] = "", expecting: Annotated[str, Form()] = "",
    version: Annotated[str, Form()] = "",
) -> HTMLResponse:  # fmt: skip
    """The decision as a fragment; ``version`` is empty (published) or draft."""
    deps = deps_of(request)
    values = await asyncio.to_thread(_decision, deps, reads, text.strip(), expecting, version)
    return HTMLResponse(page_of(request, user).html("workshop/decision.html", **values))


@router.post("/voice")
async def voice(
    request: Request, user: FloorUser, reads: KnowledgeReads, audio: UploadFile,
    expecting: Annotated[str, Form()] = "", version: Annotated[str, Form()] = "",
) -> HTMLResponse:  # fmt: skip
    """A WAV file of speech through the line's own recogniser, then the decision."""
    deps = deps_of(request)
    data = await audio.read(LONGEST_BYTES + 1)
    values = await asyncio.to_thread(_heard, deps, reads, data, expecting, version)
    return HTMLResponse(page_of(request, user).html("workshop/decision.html", **values))


def _heard(
    deps: WebDeps, reads: KnowledgeQueries, data: bytes, expecting: str, version: str
) -> dict[str, Any]:
    words = hear_file(deps, data)
    text = "".join(word.word for word in words)
    heard = fmean(word.confidence for word in words) if words else 1.0
    return {
        **_decision(deps, reads, text, expecting, version, heard),
        "words": words,
        "spoken": True,
    }


def _decision(
    deps: WebDeps,
    reads: KnowledgeQueries,
    text: str,
    expecting: str,
    version: str,
    heard_as: float = 1.0,
) -> dict[str, Any]:
    """Also the answers that are too unlikely to be shown to an agent."""
    engine = deps.content.current().engine
    draft = reads.draft() if version == "draft" else None
    try:
        if draft is not None and draft.id is not None:
            engine = deps.content.engine_of(draft.id)
    except WorkFailed as error:
        raise Invalid(RefusalCode.DRAFT_BROKEN, f"the draft cannot be tried: {error}") from None
    state = expecting if expecting in STATES else ""
    situation = Situation(deps.clock.local(), state, heard_as)
    heard = engine.understand(text, situation)
    return {
        "heard": heard, "answers": engine.answers(text) if text else [], "words": (),
        "spoken": False, "bands": engine.bands, "of_draft": draft is not None,
    }  # fmt: skip
