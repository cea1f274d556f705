"""Intent kinds and how callers say them."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from app.domain.refusal import NotFound, RefusalCode
from app.language.knowledge.content import ContentError
from app.language.knowledge.edits import SavePhrases
from app.language.understanding.intents import IntentKind
from app.web.knowledge.parts import Shown, change, fault_text, go, lines, render, shown
from app.web.people.auth import FloorUser
from app.web.reads import KnowledgeReads

router = APIRouter(prefix="/workshop/intents")


@router.get("")
async def intents(request: Request, user: FloorUser, reads: KnowledgeReads) -> HTMLResponse:
    view = await asyncio.to_thread(shown, reads)
    return await render(request, user, reads, "intents.html", view=view)


def _kind(view: Shown, kind_id: str) -> IntentKind:
    found = view.knowledge.kind(kind_id)
    if found is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no intent {kind_id}")
    return found


@router.get("/{kind_id}")
async def intent(
    request: Request, user: FloorUser, reads: KnowledgeReads, kind_id: str
) -> HTMLResponse:
    view = await asyncio.to_thread(shown, reads)
    kind = _kind(view, kind_id)
    return await render(
        request, user, reads, "intent.html", view=view, kind=kind, phrases="\n".join(kind.phrases),
        faq=kind.faq, error="",
    )  # fmt: skip


@router.post("/{kind_id}")
async def save(
    request: Request, user: FloorUser, reads: KnowledgeReads, kind_id: str,
    phrases: Annotated[str, Form(max_length=40_000)] = "", faq: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    try:
        await change(request, user, SavePhrases(kind_id, lines(phrases), faq.strip()))
    except ContentError as error:
        view = await asyncio.to_thread(shown, reads)
        return await render(
            request, user, reads, "intent.html", 422, view=view, kind=_kind(view, kind_id),
            phrases=phrases, faq=faq, error=fault_text(request, error),
        )  # fmt: skip
    return go(f"/intents/{kind_id}", saved="1")
