"""What is served: the published version, swapped when another is ready; jobs on drafts."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from app.domain.ids import JobId, VersionId
from app.domain.knowledge.job import JobState
from app.domain.people.actor import Actor
from app.domain.refusal import Refused
from app.domain.robot.vocabulary import Flow
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.files import parse
from app.language.understanding.engine import UnderstandingEngine
from app.service.away import StorageAway
from app.service.bus import CommandBus
from app.service.following import follow
from app.service.knowledge import versions
from app.service.knowledge.commands import EndLostJobs, FinishJob, HoldJob, ProgressJob, StartJob
from app.service.knowledge.job_lease import EVERY_S, held
from app.service.knowledge.records import KnowledgeJob
from app.service.notices import KNOWLEDGE
from app.service.ports import (
    Content,
    Feed,
    KnowledgeWorker,
    ReadSessionFactory,
    Shadow,
    Snapshot,
    WorkFailed,
)
from app.service.robot.records import DialogVersion

log = logging.getLogger(__name__)
PROGRESS_STEP = 2
END_LOST_EVERY_S = EVERY_S
MakeContent = Callable[[Knowledge, UnderstandingEngine], Content]


class KnowledgeKeeper:
    """Implements ContentSource. ``load`` blocks and comes first; the rest runs on the event loop.

    A version that cannot be built leaves the one before it serving; ``fault`` says why.
    """

    def __init__(
        self, reads: ReadSessionFactory, worker: KnowledgeWorker, make: MakeContent,
        parse_dialogs: Callable[[str], Flow],
    ) -> None:  # fmt: skip
        self._reads = reads
        self._worker = worker
        self._make = make
        self._parse_dialogs = parse_dialogs
        self._dialogs: tuple[int, Flow] | None = None
        self._content: Content | None = None
        self._shadow: Shadow | None = None
        self._shadow_revision = -1
        self._tasks: set[asyncio.Task[None]] = set()
        self._refreshing = asyncio.Lock()
        #: Called when another version than the first one is served.
        self.on_swap: Callable[[], None] = lambda: None
        self.version = 0
        self.fault = ""

    def current(self) -> Content:
        assert self._content is not None  # noqa: S101  loaded before anybody asks
        return self._content

    def shadow(self) -> Shadow | None:
        return self._shadow

    def dialogs_of(self, text: str) -> Flow:
        return self._parse_dialogs(text)

    # -- what is served ----------------------------------------------------------------------

    def load(self) -> None:
        """Serve what is published now. Raises WorkFailed; what was served stays."""
        with self._reads() as reads:
            version = versions.published(reads)
            if version is None or version.id is None:
                raise WorkFailed("nothing is published: the knowledge base is empty")
            number = version.id
            source = versions.snapshot(reads, number)
        if number == self.version:
            return
        engine = self._worker.engine(source)
        self._content = self._make(parse(source.files), engine)
        self._dialogs = None
        swapped = self.version != 0
        self.version, self.fault = number, self._dialogs_fault()
        if swapped:
            self.on_swap()

    def _dialogs_fault(self) -> str:
        """Why the operator's dialogs cannot be followed: those of the installation are, then."""
        try:
            self.load_dialogs()
        except WorkFailed as error:
            log.error("the robot follows the dialogs of the installation: %s", error)
            return str(error)
        return ""

    def load_dialogs(self) -> None:
        """The robot's dialogs: the operator's newest, else those of the installation."""
        with self._reads() as reads:
            stored = reads.find(DialogVersion)
        newest = stored[-1] if stored else None
        if newest is None or newest.id is None or (self._dialogs and self._dialogs[0] == newest.id):
            return
        try:
            self._dialogs = (newest.id, self._parse_dialogs(newest.text))
        except ContentError as error:
            raise WorkFailed(str(error)) from None
        self._content = replace(self.current(), dialogs=self._dialogs[1])

    def _load_shadow(self) -> None:
        with self._reads() as reads:
            draft = versions.draft(reads)
            wanted = draft if draft is not None and draft.shadow else None
            if wanted is None or wanted.id is None:
                self._shadow = None
                return
            known = self._shadow is not None and self._shadow.version_id == wanted.id
            if known and wanted.revision == self._shadow_revision:
                return
            source = versions.snapshot(reads, wanted.id)
        self._shadow = Shadow(wanted.id, self._worker.engine(source))
        self._shadow_revision = wanted.revision

    def engine_of(self, version_id: int) -> UnderstandingEngine:
        """The engine of any version, to try it. Blocking. Raises WorkFailed."""
        if version_id == self.version:
            return self.current().engine
        with self._reads() as reads:
            source = versions.snapshot(reads, version_id)
        return self._worker.engine(source)

    async def refresh(self) -> None:
        """Another version may be published, or a draft's shadow switched."""
        async with self._refreshing:
            for step in (self.load, self.load_dialogs, self._load_shadow):
                try:
                    await asyncio.to_thread(step)
                except WorkFailed as error:
                    self.fault = str(error)
                    log.error("the knowledge base could not be swapped: %s", error)

    def follow(self, feed: Feed) -> None:
        """Refresh whenever any brain changes a version."""
        self._spawn(follow(feed, KNOWLEDGE, self.refresh))

    # -- jobs --------------------------------------------------------------------------------

    def watch_jobs(self, bus: CommandBus) -> None:
        """Give up jobs of a brain that is no more, now and from time to time."""
        self._spawn(self._watch_jobs(bus))

    async def _watch_jobs(self, bus: CommandBus) -> None:
        while True:
            try:
                await asyncio.to_thread(self.end_lost_jobs, bus)
            except StorageAway:
                log.debug("the storage is away: abandoned jobs are looked for later")
            except Exception:
                log.exception("abandoned jobs could not be given up")
            await asyncio.sleep(END_LOST_EVERY_S)

    def end_lost_jobs(self, bus: CommandBus) -> None:
        """Jobs whose brain has not said for a while that it lives never end by themselves."""
        with self._reads() as reads:
            running = reads.find(KnowledgeJob, state=JobState.RUNNING)
        if running:
            bus.execute(EndLostJobs())

    async def start_job(
        self, bus: CommandBus, actor: Actor, version_id: VersionId, kind: str
    ) -> JobId:
        """Raises Refused; the job goes on in the background."""
        command = StartJob(version_id=version_id, kind=kind, actor=actor)
        job_id = await asyncio.to_thread(bus.execute, command)
        self._spawn(self._run_job(bus, job_id, version_id, kind))
        return job_id

    async def _run_job(
        self, bus: CommandBus, job_id: JobId, version_id: VersionId, kind: str
    ) -> None:
        finish = await asyncio.to_thread(self._work, bus, job_id, version_id, kind)
        with contextlib.suppress(Refused):
            await asyncio.to_thread(bus.execute, finish)

    def _work(self, bus: CommandBus, job_id: JobId, version_id: VersionId, kind: str) -> FinishJob:
        last = -PROGRESS_STEP

        def progress(percent: int, detail: str) -> None:
            nonlocal last
            if percent >= last + PROGRESS_STEP:
                last = percent
                bus.execute(ProgressJob(job_id=job_id, progress=percent, detail=detail))

        try:
            draft, published = self._sources(version_id)
            with held(bus, HoldJob(job_id=job_id)):
                result = self._worker.run(kind, draft, published, progress)
        except WorkFailed as error:
            return FinishJob(job_id=job_id, result=None, error=str(error))
        except StorageAway:
            return FinishJob(
                job_id=job_id, result=None, error="the storage was away: start it again"
            )
        except Exception:
            log.exception("a job failed")
            return FinishJob(job_id=job_id, result=None, error="the job failed: see the log")
        return FinishJob(job_id=job_id, result=result.report, embedding=result.embedding)

    def _sources(self, version_id: int) -> tuple[Snapshot, Snapshot]:
        with self._reads() as reads:
            current = versions.published(reads)
            assert current is not None and current.id is not None  # noqa: PT018, S101  served
            return versions.snapshot(reads, version_id), versions.snapshot(reads, current.id)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
