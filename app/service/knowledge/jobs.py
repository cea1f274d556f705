"""Jobs on a draft: check, test, train. They run elsewhere; here is what comes of them."""

import json

from app.domain.ids import JobId
from app.domain.knowledge import version as machine
from app.domain.refusal import Invalid, Refused
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge.commands import FinishJob, ProgressJob, StartJob
from app.service.knowledge.handlers import KNOWLEDGE, advance, state_of
from app.service.knowledge.records import KnowledgeEmbedding, KnowledgeJob, KnowledgeVersion
from app.service.lookup import require
from app.service.ports import Notice, UnitOfWork

KINDS = ("check", "test", "embedding")
_NEEDS = {"check": machine.Checked, "test": machine.Tested, "embedding": machine.Edited}


@handles(StartJob)
def start_job(command: StartJob, uow: UnitOfWork, context: Context) -> JobId:
    """Raises Refused where one runs already, or where the draft is not that far."""
    if command.kind not in KINDS:
        raise Invalid("job_kind", f"unknown kind of job {command.kind!r}")
    version = require(uow, KnowledgeVersion, command.version_id, lock=True)
    if _NEEDS[command.kind] not in machine.allowed(state_of(version).phase):
        raise Refused("draft_phase", f"a version that is {version.phase} takes no {command.kind}")
    if uow.find(KnowledgeJob, state="running"):
        raise Refused("job_running", "a job is running: wait until it has ended")
    job = KnowledgeJob(
        command.version_id,
        version.revision,
        command.kind,
        context.clock.now(),
        command.actor.display_name,
    )
    uow.add(job)
    uow.flush()
    uow.notify(Notice(KNOWLEDGE))
    assert job.id is not None  # noqa: S101  flushed
    return JobId(job.id)


@handles(ProgressJob)
def progress_job(command: ProgressJob, uow: UnitOfWork, context: Context) -> None:
    job = require(uow, KnowledgeJob, command.job_id)
    job.progress, job.detail = command.progress, command.detail


@handles(FinishJob)
def finish_job(command: FinishJob, uow: UnitOfWork, context: Context) -> None:
    """The result counts for the draft only if nothing was edited meanwhile."""
    job = require(uow, KnowledgeJob, command.job_id, lock=True)
    if job.state != "running":
        return
    job.ended_at = context.clock.now()
    if command.result is None:
        job.state, job.detail = "failed", command.error
    else:
        job.state, job.progress = "done", 100
        job.result_json = json.dumps(command.result, ensure_ascii=False)
        version = require(uow, KnowledgeVersion, job.version_id, lock=True)
        if version.revision == job.revision:
            _conclude(uow, version, job.kind, command)
        else:
            job.state = "outdated"
    uow.notify(Notice(KNOWLEDGE))


def _conclude(uow: UnitOfWork, version: KnowledgeVersion, kind: str, command: FinishJob) -> None:
    result = command.result or {}
    event: machine.DraftEvent
    if kind == "check":
        event = machine.Checked(int(result["fatal"]))
    elif kind == "test":
        event = machine.Tested(bool(result["risky"]))
    elif command.embedding:
        _keep_embedding(uow, version, command.embedding)
        event = machine.Edited()
    else:
        return
    if type(event) in machine.allowed(state_of(version).phase):
        advance(version, event)


def _keep_embedding(uow: UnitOfWork, version: KnowledgeVersion, data: bytes) -> None:
    assert version.id is not None  # noqa: S101  stored
    known = uow.get(KnowledgeEmbedding, version.id)
    if known is not None:
        known.data = data
    else:
        uow.add(KnowledgeEmbedding(version.id, data))
    version.revision += 1
