"""What every page of the workshop needs: which version it shows, and how it changes it."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.refusal import NotFound, RefusalCode
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.edits import Edit
from app.language.knowledge.files import parse
from app.service.knowledge.commands import EditKnowledge
from app.service.knowledge.queries import KnowledgeQueries
from app.service.knowledge.records import KnowledgeVersion
from app.service.people.records import User
from app.web.deps import deps_of
from app.web.i18n import Translator, language_of
from app.web.people.auth import actor_of
from app.web.problems import describe_fault
from app.web.render import page_of

_PARSED_KEPT = 4
_parsed: dict[tuple[int | None, str], Knowledge] = {}


@dataclass(frozen=True, slots=True)
class Shown:
    """The draft where one is open, else the published version."""

    version: KnowledgeVersion
    knowledge: Knowledge
    is_draft: bool


def knowledge_of(reads: KnowledgeQueries, version: KnowledgeVersion) -> Knowledge:
    """The parsed knowledge base of a version. Blocking; the last few are remembered."""
    key = (version.id, version.fingerprint)
    known = _parsed.get(key)
    if known is None:
        assert version.id is not None  # noqa: S101  stored
        known = parse(reads.files(version.id))
        while len(_parsed) >= _PARSED_KEPT:
            _parsed.pop(next(iter(_parsed)))
        _parsed[key] = known
    return known


def shown(reads: KnowledgeQueries) -> Shown:
    """The version that the page shows, with its parsed knowledge base. Blocking."""
    draft = reads.draft()
    version = draft or reads.published()
    if version is None:
        raise NotFound(RefusalCode.NO_KNOWLEDGE, "nothing is published yet")
    return Shown(version, knowledge_of(reads, version), draft is not None)


async def render(
    request: Request,
    user: User,
    reads: KnowledgeQueries,
    template: str,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """A page of the workshop, with what its head shows."""
    page = page_of(request, user)

    def build() -> str:
        return page.html(
            f"workshop/{template}", draft=reads.draft(), served=page.deps.content,
            open_items=reads.open_items(), **values,
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build), status)


def go(path: str, **query: str) -> RedirectResponse:
    """To a page of the workshop after a change."""
    text = "&".join(f"{name}={quote(value)}" for name, value in query.items() if value)
    return RedirectResponse(f"/workshop{path}" + (f"?{text}" if text else ""), status_code=303)


async def change(request: Request, user: User, edit: Edit, item_id: int | None = None) -> int:
    """An edit of the draft. Raises ContentError with what is wrong."""
    command = EditKnowledge(edit=edit, item_id=item_id, actor=actor_of(user))
    version: int = await asyncio.to_thread(deps_of(request).bus.execute, command)
    return version


def lines(text: str) -> tuple[str, ...]:
    """Non-empty lines of a text field."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def fault_text(request: Request, error: ContentError) -> str:
    """What is wrong with content, in the page's language, with file and line."""
    return describe_fault(Translator(language_of(request)), error)
