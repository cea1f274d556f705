"""A job on the knowledge base in a process of its own: files in, JSON lines out.

The folder holds ``job.json`` (kind, today, engines) and the draft's and the published version's
files; what comes out is ``{"progress", "detail"}`` line by line, then ``{"report"}`` or
``{"error"}``. A trained embedding is left as ``embedding.npz``.
"""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from app.adapters.knowledge.installed import load_installed
from app.adapters.knowledge.knowledge_files import (
    EngineFiles,
    pack_embedding,
    read_snapshot,
    unpack_embedding,
)
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.files import parse
from app.language.knowledge.reports import check_report, embedding_report, test_report
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.learned import Learned
from app.service.ports import Snapshot

Say = Callable[[dict[str, Any]], None]


class Job:
    """One job; ``say`` takes each message to the other side."""

    def __init__(self, folder: Path, say: Say) -> None:
        self._folder = folder
        self._say = say
        self._order = json.loads((folder / "job.json").read_text(encoding="utf-8"))
        self._installed = load_installed()
        self._engines = EngineFiles(Path(self._order["engines"]), self._installed.digest)

    def run(self) -> int:
        """Run the job and return the exit status."""
        try:
            report = self._report(str(self._order["kind"]))
        except (ContentError, ValueError) as error:
            self._say({"error": str(error)})
            return 1
        self._say({"report": report})
        return 0

    def _progress(self, percent: int, detail: str) -> None:
        self._say({"progress": percent, "detail": detail})

    def _report(self, kind: str) -> dict[str, Any]:
        snapshot = read_snapshot(self._folder / "draft")
        draft = parse(snapshot.files)
        if kind == "check":
            self._progress(10, "check")
            return check_report(draft, date.fromisoformat(self._order["today"]))
        if kind == "learn":
            self._learned(draft, snapshot)
            return {}
        if kind == "embedding":
            return self._train(draft, snapshot)
        self._progress(5, "learn")
        after = self._engine(draft, snapshot)
        before_snapshot = read_snapshot(self._folder / "published")
        before = self._engine(parse(before_snapshot.files), before_snapshot)
        return test_report(before, after, draft.tests, self._progress)

    def _engine(self, knowledge: Knowledge, snapshot: Snapshot) -> UnderstandingEngine:
        return self._installed.engine(knowledge, self._learned(knowledge, snapshot))

    def _learned(self, knowledge: Knowledge, snapshot: Snapshot) -> Learned:
        known = self._engines.load(snapshot)
        if known is not None:
            return known
        learned = self._installed.learn(knowledge, unpack_embedding(snapshot.embedding))
        self._engines.save(snapshot, learned)
        return learned

    def _train(self, draft: Knowledge, snapshot: Snapshot) -> dict[str, Any]:
        plain = self._learned(draft, Snapshot(snapshot.files))
        report, embedding = embedding_report(
            draft, plain, self._progress, self._installed.taught, self._installed.model
        )
        if embedding is not None:
            (self._folder / "embedding.npz").write_bytes(pack_embedding(embedding))
        return report
