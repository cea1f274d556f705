"""Utterances that were not answered or that agents corrected: learn, test, or dismiss."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.language.knowledge.edits import AddPhrases, AddQuestions, AddTest, Edit
from app.service.knowledge.commands import DismissItem
from app.web.deps import deps_of
from app.web.knowledge.parts import change, go, render, shown
from app.web.parameters import Id
from app.web.people.auth import FloorUser, actor_of
from app.web.reads import KnowledgeReads

router = APIRouter(prefix="/workshop/queue")


@router.get("")
async def queue(
    request: Request, user: FloorUser, reads: KnowledgeReads, source: str = "", state: str = "open"
) -> HTMLResponse:
    deps = deps_of(request)

    def read() -> dict[str, Any]:
        view = shown(reads)
        rows = reads.queue(source, state)
        engine = deps.content.current().engine
        guesses = {
            r.item.id: [hit.entry for hit, _ in engine.answers(r.item.text)] for r in rows
        }  # fmt: skip
        return {"view": view, "rows": rows, "guesses": guesses}

    values = await asyncio.to_thread(read)
    return await render(request, user, reads, "queue.html", source=source, state=state, **values)


@router.post("/{item_id}/learn")
async def learn(
    request: Request, user: FloorUser, item_id: Id, to: Annotated[str, Form()],
    text: Annotated[str, Form(max_length=200)],
) -> RedirectResponse:  # fmt: skip
    """``to``: ``faq:ID`` (a similar question) or ``kind:ID`` (a phrase); ``text`` as reviewed."""
    sort, _, name = to.strip().partition(":")
    if not text.strip() or not name:
        raise Invalid(RefusalCode.LEARN, "say what is learned, and where to")
    edit: Edit = AddQuestions(name, (text,)) if sort == "faq" else AddPhrases(name, (text,))
    await change(request, user, edit, item_id)
    return go("/queue")


@router.post("/{item_id}/test")
async def to_test(
    request: Request, user: FloorUser, reads: KnowledgeReads, item_id: Id,
    kind: Annotated[str, Form()], faq: Annotated[str, Form()] = "",
) -> RedirectResponse:  # fmt: skip
    """The utterance becomes a test: it is measured with, never learned from."""
    item = await asyncio.to_thread(reads.item, item_id)
    if item is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no item {item_id}")
    await change(request, user, AddTest(item.text, kind, faq.strip()), item_id)
    return go("/queue")


@router.post("/{item_id}/dismiss")
async def dismiss(request: Request, user: FloorUser, item_id: Id) -> RedirectResponse:
    command = DismissItem(item_id=item_id, actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return go("/queue")
