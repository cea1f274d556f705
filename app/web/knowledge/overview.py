"""The draft on its way: edit, check, test, shadow, publish; versions, and back to one of them."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.domain.knowledge import version as machine
from app.language.knowledge.changes import changes
from app.service.knowledge.commands import DecideDraft, RestoreVersion, UpdateDraft
from app.service.knowledge.queries import KnowledgeQueries
from app.service.knowledge.records import KnowledgeJob, KnowledgeVersion, ShadowDifference
from app.service.knowledge.versions import state_of
from app.web.deps import deps_of
from app.web.knowledge.parts import go, knowledge_of, render
from app.web.parameters import VersionKey
from app.web.people.auth import FloorUser, actor_of
from app.web.reads import KnowledgeReads
from app.web.render import page_of

router = APIRouter(prefix="/workshop")


def _draft_values(reads: KnowledgeQueries) -> dict[str, Any]:
    """Everything about the open draft; empty values where there is none."""
    draft = reads.draft()
    if draft is None or draft.id is None:
        return {"draft": None, "jobs": {}, "changes": [], "edits": [], "takes": frozenset(),
                "differences": [], "reports": {}}  # fmt: skip
    base = reads.version(draft.based_on) if draft.based_on else None
    old = knowledge_of(reads, base) if base is not None else None
    new = knowledge_of(reads, draft)
    jobs = reads.jobs(draft.id)
    takes = {event.__name__ for event in machine.allowed(state_of(draft).phase)}
    return {
        "draft": draft, "jobs": jobs, "takes": takes, "edits": reads.edits(draft.id),
        "changes": changes(old, new) if old is not None else [],
        "reports": {k: _report(j, draft) for k, j in jobs.items()},
        "differences": [_difference(d) for d in reads.differences(draft.id)],
    }  # fmt: skip


def _report(job: KnowledgeJob, draft: KnowledgeVersion) -> dict[str, Any] | None:
    """What a job found; ``stale`` where the draft was edited since."""
    if not job.result_json:
        return None
    found: dict[str, Any] = json.loads(job.result_json)
    current = job.revision == draft.revision or job.kind == "embedding"
    return {**found, "stale": not current, "at": job.ended_at}


def _difference(row: ShadowDifference) -> dict[str, Any]:
    return {"at": row.at, "text": row.text, "live": json.loads(row.live_json),
            "draft": json.loads(row.draft_json)}  # fmt: skip


@router.get("")
async def overview(request: Request, user: FloorUser, reads: KnowledgeReads) -> HTMLResponse:
    def read() -> dict[str, Any]:
        published = reads.published()
        number = published.id if published is not None else None
        return {
            **_draft_values(reads), "published": published, "versions": reads.versions(),
            "embedded": number is not None and reads.has_embedding(number),
        }  # fmt: skip

    values = await asyncio.to_thread(read)
    del values["draft"]
    return await render(request, user, reads, "overview.html", **values)


@router.get("/job")
async def job(request: Request, user: FloorUser, reads: KnowledgeReads) -> HTMLResponse:
    """The running job's progress; when it has ended the page loads anew."""
    draft = await asyncio.to_thread(reads.draft)
    jobs = await asyncio.to_thread(reads.jobs, draft.id) if draft and draft.id else {}
    running = next((j for j in jobs.values() if j.state == "running"), None)
    html = page_of(request, user).html("workshop/job.html", job=running)
    headers = {} if running else {"HX-Refresh": "true"}
    return HTMLResponse(html, headers=headers)


@router.post("/draft/{version_id}/job")
async def start(
    request: Request, user: FloorUser, version_id: VersionKey, kind: Annotated[str, Form()]
) -> RedirectResponse:
    deps = deps_of(request)
    await deps.content.start_job(deps.bus, actor_of(user), version_id, kind)
    return go("")


@router.post("/draft/{version_id}/update")
async def update(request: Request, user: FloorUser, version_id: VersionKey) -> RedirectResponse:
    """The draft's changes, made again on the version that is published now."""
    command = UpdateDraft(version_id=version_id, actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return go("")


@router.post("/draft/{version_id}/{action}")
async def decide(
    request: Request, user: FloorUser, version_id: VersionKey, action: str,
    reason: Annotated[str, Form(max_length=500)] = "",
) -> RedirectResponse:  # fmt: skip
    """Publish, discard, shadow on or off."""
    command = DecideDraft(version_id=version_id, action=action, reason=reason, actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return go("")


@router.post("/versions/{version_id}/restore")
async def restore(request: Request, user: FloorUser, version_id: VersionKey) -> RedirectResponse:
    command = RestoreVersion(version_id=version_id, actor=actor_of(user))
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return go("")
