"""Jobs on a draft: check, test, train. They run elsewhere; here is what comes of them."""

import json
from datetime import timedelta

from app.domain.ids import JobId
from app.domain.knowledge import job as job_machine
from app.domain.knowledge import version as machine
from app.domain.knowledge.job import JobEvent, JobState
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge.commands import EndLostJobs, FinishJob, HoldJob, ProgressJob, StartJob
from app.service.knowledge.records import KnowledgeEmbedding, KnowledgeJob, KnowledgeVersion
from app.service.knowledge.versions import advance, state_of
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork

KINDS = ("check", "test", "embedding")
#: A runner that has not said for so long that it lives is no more.
LEASE = timedelta(seconds=30)
INTERRUPTED = "interrupted by a restart: start again"
_NEEDS = {"check": machine.Checked, "test": machine.Tested, "embedding": machine.Edited}


@handles(StartJob)
def start_job(command: StartJob, uow: UnitOfWork, context: Context) -> JobId:
    """Raises Refused where one runs already, or where the draft is not that far."""
    if command.kind not in KINDS:
        raise Invalid(RefusalCode.JOB_KIND, f"unknown kind of job {command.kind!r}")
    version = require(uow, KnowledgeVersion, command.version_id, lock=True)
    if _NEEDS[command.kind] not in machine.allowed(state_of(version).phase):
        raise Refused(
            RefusalCode.DRAFT_PHASE, f"a version that is {version.phase} takes no {command.kind}"
        )
    _end_lost(uow, context)
    if uow.find(KnowledgeJob, state=JobState.RUNNING):
        raise Refused(RefusalCode.JOB_RUNNING, "a job is running: wait until it has ended")
    job = KnowledgeJob(
        version_id=command.version_id,
        revision=version.revision,
        kind=command.kind,
        started_at=context.clock.now(),
        started_by=command.actor.display_name,
        claimed_until=context.clock.now() + LEASE,
    )
    uow.add(job)
    uow.flush()
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    assert job.id is not None  # noqa: S101  flushed
    return JobId(job.id)


@handles(ProgressJob)
def progress_job(command: ProgressJob, uow: UnitOfWork, context: Context) -> None:
    job = require(uow, KnowledgeJob, command.job_id)
    job.progress, job.detail = command.progress, command.detail


@handles(HoldJob)
def hold_job(command: HoldJob, uow: UnitOfWork, context: Context) -> None:
    """The runner lives. A job that was given up meanwhile stays given up."""
    job = require(uow, KnowledgeJob, command.job_id, lock=True)
    if job.state == JobState.RUNNING:
        job.claimed_until = context.clock.now() + LEASE


@handles(EndLostJobs)
def end_lost_jobs(command: EndLostJobs, uow: UnitOfWork, context: Context) -> None:
    _end_lost(uow, context)


def _end_lost(uow: UnitOfWork, context: Context) -> None:
    """Never the job of a runner that lives."""
    now = context.clock.now()
    for row in uow.find(KnowledgeJob, state=JobState.RUNNING):
        job = require(uow, KnowledgeJob, row.id, lock=True)
        if job.claimed_until is None or job.claimed_until <= now:
            _keep(job, JobEvent.INTERRUPTED, context)
            job.detail = INTERRUPTED
            uow.notify(Notice(NoticeKind.KNOWLEDGE))


def _keep(job: KnowledgeJob, event: JobEvent, context: Context) -> None:
    """One event through the machine. Raises Refused; nothing else moves a job."""
    job.state = job_machine.step(JobState(job.state), event)
    job.ended_at, job.claimed_until = context.clock.now(), None


@handles(FinishJob)
def finish_job(command: FinishJob, uow: UnitOfWork, context: Context) -> None:
    """The result counts for the draft only if nothing was edited meanwhile."""
    job = require(uow, KnowledgeJob, command.job_id, lock=True)
    if job.state != JobState.RUNNING:
        return
    if command.result is None:
        _keep(job, JobEvent.FAILED, context)
        job.detail = command.error
    else:
        job.progress = 100
        job.result_json = json.dumps(command.result, ensure_ascii=False)
        version = require(uow, KnowledgeVersion, job.version_id, lock=True)
        counts = version.revision == job.revision
        _keep(job, JobEvent.FINISHED if counts else JobEvent.OVERTAKEN, context)
        if counts:
            _conclude(uow, version, job.kind, command)
    uow.notify(Notice(NoticeKind.KNOWLEDGE))


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
        uow.add(KnowledgeEmbedding(version_id=version.id, data=data))
    version.revision += 1
