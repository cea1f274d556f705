"""FAQ entries: search, edit, what real utterances hit and missed them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.domain.refusal import NotFound, RefusalCode
from app.language.knowledge.content import ContentError
from app.language.knowledge.edits import AddQuestions, RemoveEntry, SaveEntry
from app.language.knowledge.files import ENTRY_COLUMNS, SEPARATOR, entry_fields, make_entry
from app.language.understanding.faq import DEEDS, FaqEntry
from app.language.understanding.normalise import normalise
from app.service.knowledge.queries import EntryCount, KnowledgeQueries
from app.web.deps import deps_of
from app.web.knowledge.parts import change, fault_text, go, lines, render, shown
from app.web.parameters import PageNumber
from app.web.people.auth import FloorUser
from app.web.reads import KnowledgeReads

router = APIRouter(prefix="/workshop/entries")
COUNTED = timedelta(days=30)
PAGE = 60


@dataclass(frozen=True, slots=True)
class Row:
    entry: FaqEntry
    count: EntryCount
    matched: str


def _matches(entry: FaqEntry, text: str) -> str | None:
    """The text of the entry that holds the words; empty where it is the whole entry."""
    if not text:
        return ""
    wanted = normalise(text).text
    if text == entry.id or (wanted and wanted in normalise(entry.question).text):
        return ""
    for each in (*entry.similar, entry.answer, entry.spoken):
        if wanted and wanted in normalise(each).text:
            return each
    return None


@router.get("")
async def entries(
    request: Request, user: FloorUser, reads: KnowledgeReads, q: str = "", family: str = "",
    sort: str = "", page: PageNumber = 1,
) -> HTMLResponse:  # fmt: skip
    deps = deps_of(request)

    def read() -> dict[str, Any]:
        view = shown(reads)
        counts = reads.counts(deps.clock.now() - COUNTED)
        rows = [
            Row(entry, counts.get(entry.id, EntryCount()), matched)
            for entry in view.knowledge.entries
            if (not family or entry.family == family)
            and (matched := _matches(entry, q.strip())) is not None
        ]
        rows = _sorted(rows, sort)
        return {"view": view, "rows": rows[(page - 1) * PAGE : page * PAGE], "all": len(rows),
                "pages": (len(rows) + PAGE - 1) // PAGE}  # fmt: skip

    values = await asyncio.to_thread(read)
    return await render(
        request, user, reads, "entries.html", q=q, family=family, sort=sort, page=page,
        today=deps.clock.local().date(), **values,
    )  # fmt: skip


def _sorted(rows: list[Row], sort: str) -> list[Row]:
    keys = {
        "hits": lambda row: -row.count.hits, "missed": lambda row: -row.count.missed,
        "wrong": lambda row: -row.count.wrong, "texts": lambda row: len(row.entry.texts),
    }  # fmt: skip
    return sorted(rows, key=keys[sort]) if sort in keys else rows


def _form(fields: dict[str, str]) -> dict[str, str]:
    """Similar questions stand one a line in the form."""
    return {**fields, "similar": fields["similar"].replace(SEPARATOR, "\n")}


@router.get("/new")
async def new(request: Request, user: FloorUser, reads: KnowledgeReads) -> HTMLResponse:
    empty = dict.fromkeys(ENTRY_COLUMNS, "")
    values = await asyncio.to_thread(_entry_values, reads, "")
    return await render(
        request, user, reads, "entry.html", fields=empty, known_id="", error="", **values
    )


@router.get("/{entry_id}")
async def entry(
    request: Request, user: FloorUser, reads: KnowledgeReads, entry_id: str
) -> HTMLResponse:
    view = await asyncio.to_thread(shown, reads)
    found = view.knowledge.entry(entry_id)
    if found is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no entry {entry_id}")
    values = await asyncio.to_thread(_entry_values, reads, entry_id)
    fields = _form(entry_fields(found))
    return await render(
        request, user, reads, "entry.html", fields=fields, known_id=entry_id, error="", **values
    )


def _entry_values(reads: KnowledgeQueries, entry_id: str) -> dict[str, Any]:
    hits: Sequence[Any] = reads.hits(entry_id) if entry_id else ()
    corrections = reads.corrections(entry_id) if entry_id else ()
    view = shown(reads)
    return {"view": view, "real": hits, "corrections": corrections,
            "families": view.knowledge.families, "deeds": DEEDS}  # fmt: skip


@router.post("/save")
async def save(request: Request, user: FloorUser, reads: KnowledgeReads) -> Response:
    """The whole entry; refused with the form as it was filled in."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    known_id = form.get("known_id", "")
    fields = {name: form.get(name, "") for name in ENTRY_COLUMNS}
    fields["handover"] = "yes" if form.get("handover") else "no"
    try:
        if any(SEPARATOR in line for line in lines(fields["similar"])):
            raise ContentError("a question must not contain {got}", got=SEPARATOR)
        stored = {**fields, "similar": SEPARATOR.join(lines(fields["similar"]))}
        seen = _seen(form.get("seen", ""))
        await change(request, user, SaveEntry(stored, known_id, seen))
    except ContentError as error:
        values = await asyncio.to_thread(_entry_values, reads, known_id)
        return await render(
            request, user, reads, "entry.html", 422, fields=fields, known_id=known_id,
            error=fault_text(request, error), **values,
        )  # fmt: skip
    return go(f"/entries/{stored['id'].strip()}", saved="1")


def _seen(text: str) -> FaqEntry | None:
    """The entry as it was when the form was opened; None where that is not told."""
    try:
        return make_entry(json.loads(text)) if text else None
    except (ContentError, ValueError, KeyError, AttributeError):
        return None


@router.post("/{entry_id}/questions")
async def add_questions(
    request: Request, user: FloorUser, entry_id: str, texts: Annotated[str, Form(max_length=4000)]
) -> RedirectResponse:
    await change(request, user, AddQuestions(entry_id, lines(texts)))
    return go(f"/entries/{entry_id}", saved="1")


@router.post("/{entry_id}/remove")
async def remove(request: Request, user: FloorUser, entry_id: str) -> RedirectResponse:
    await change(request, user, RemoveEntry(entry_id))
    return go("/entries")
