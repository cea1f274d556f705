"""Runs jobs on the knowledge base as processes, so that the brain keeps its time and memory."""

import json
import logging
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from app.adapters.knowledge.installed import load_installed
from app.adapters.knowledge.knowledge_files import EngineFiles, write_snapshot
from app.language.knowledge.content import ContentError
from app.language.knowledge.files import parse
from app.language.understanding.bands import Bands
from app.language.understanding.engine import UnderstandingEngine
from app.service.ports import JobResult, Progress, Snapshot, WorkFailed

log = logging.getLogger(__name__)


class KnowledgeProcesses:
    """Implements the KnowledgeWorker port with ``python -m app knowledge-job FOLDER``."""

    def __init__(
        self, engines: Path, environment: Mapping[str, str], today: Callable[[], date],
        bands: Bands,
    ) -> None:  # fmt: skip
        self._installed = load_installed()
        self._engines = EngineFiles(engines, self._installed.digest)
        self._folder = engines
        self._environment = dict(environment)
        self._today = today
        self._bands = bands
        self._running: set[subprocess.Popen[str]] = set()
        self._learning = threading.Lock()

    def engine(self, snapshot: Snapshot) -> UnderstandingEngine:
        try:
            knowledge = parse(snapshot.files)
        except ContentError as error:
            raise WorkFailed(str(error)) from None
        with self._learning:
            learned = self._engines.load(snapshot)
            if learned is None:
                self.run("learn", snapshot, Snapshot({}), lambda _percent, _detail: None)
                learned = self._engines.load(snapshot)
        if learned is None:
            raise WorkFailed("what was learned could not be read back: is the disk full?")
        return self._installed.engine(knowledge, learned, self._bands)

    def run(self, kind: str, draft: Snapshot, published: Snapshot, progress: Progress) -> JobResult:
        with tempfile.TemporaryDirectory(prefix="holdline-job-") as name:
            folder = Path(name)
            write_snapshot(folder / "draft", draft)
            write_snapshot(folder / "published", published)
            order = {"kind": kind, "today": self._today().isoformat(), "engines": str(self._folder)}
            (folder / "job.json").write_text(json.dumps(order), encoding="utf-8")
            report = self._follow(folder, progress)
            trained = folder / "embedding.npz"
            return JobResult(report, trained.read_bytes() if trained.exists() else b"")

    def _follow(self, folder: Path, progress: Progress) -> dict[str, Any]:
        command = [sys.executable, "-m", "app", "knowledge-job", str(folder)]
        with (folder / "stderr").open("w+", encoding="utf-8") as errors:
            process = subprocess.Popen(  # noqa: S603
                command, env=self._environment, stdout=subprocess.PIPE, stderr=errors, text=True,
                encoding="utf-8",
            )  # fmt: skip
            self._running.add(process)
            try:
                report, error = _read(process, progress)
                status = process.wait()
            finally:
                self._running.discard(process)
                process.kill()
                process.wait()
            if report is not None:
                return report
            if not error:
                errors.seek(0)
                log.error("a knowledge job ended (%s): %s", status, errors.read()[-2000:])
            raise WorkFailed(error or f"the job ended before its time (status {status})")

    def close(self) -> None:
        for process in tuple(self._running):
            process.kill()


def _read(
    process: "subprocess.Popen[str]", progress: Progress
) -> tuple[dict[str, Any] | None, str]:
    """Messages until the end: the report, or what went wrong."""
    assert process.stdout is not None  # noqa: S101  a pipe
    with process.stdout as lines:
        for line in lines:
            message = json.loads(line)
            if "report" in message:
                return message["report"], ""
            if "error" in message:
                return None, str(message["error"])
            progress(int(message["progress"]), str(message["detail"]))
    return None, ""
