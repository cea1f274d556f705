"""The labelled utterances that every version is measured with."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from app.language.knowledge.content import ContentError
from app.language.knowledge.edits import AddTest, RemoveTest
from app.service.knowledge.queries import KnowledgeQueries
from app.web.knowledge.parts import change, fault_text, go, render, shown
from app.web.people.auth import FloorUser
from app.web.reads import KnowledgeReads

router = APIRouter(prefix="/workshop/tests")


async def _page(
    request: Request, user: FloorUser, reads: KnowledgeQueries, q: str = "", error: str = "",
    status: int = 200,
) -> HTMLResponse:  # fmt: skip
    view = await asyncio.to_thread(shown, reads)
    rows = [row for row in view.knowledge.tests if q in row.text or q in (row.family, row.faq)]
    return await render(
        request, user, reads, "tests.html", status, view=view, rows=rows, q=q, error=error
    )


@router.get("")
async def labelled(
    request: Request, user: FloorUser, reads: KnowledgeReads, q: str = ""
) -> HTMLResponse:
    return await _page(request, user, reads, q.strip())


@router.post("/add")
async def add(
    request: Request, user: FloorUser, reads: KnowledgeReads,
    text: Annotated[str, Form(max_length=200)], kind: Annotated[str, Form()],
    faq: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    try:
        await change(request, user, AddTest(text, kind, faq.strip()))
    except ContentError as error:
        return await _page(request, user, reads, error=fault_text(request, error), status=422)
    return go("/tests", q=text.strip())


@router.post("/remove")
async def remove(
    request: Request, user: FloorUser, text: Annotated[str, Form(max_length=500)]
) -> Response:
    await change(request, user, RemoveTest(text))
    return go("/tests")
