"""The knowledge base from the command line: check, test, import, export."""

import argparse
import getpass
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from app.adapters.knowledge.content_files import load_said, read_files, read_some
from app.adapters.knowledge.said_passages import offer_terms, passages
from app.bootstrap.knowledge import KnowledgeBase, open_knowledge
from app.bootstrap.store import StartError, today
from app.domain.ids import VersionId
from app.domain.people.actor import Actor, verb
from app.domain.refusal import Refused
from app.language.knowledge.check import check
from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.edits import ReplaceFiles
from app.language.knowledge.files import parse
from app.service.knowledge import versions
from app.service.knowledge.commands import (
    DecideDraft,
    EditKnowledge,
    FinishJob,
    HoldJob,
    StartJob,
)
from app.service.knowledge.job_lease import held
from app.service.ports import Snapshot, WorkFailed
from app.settings import ROOT, Settings
from app.verbs import VerbError


def content(chosen: argparse.Namespace, settings: Settings) -> int:
    """One of the four. Faults are named with file and line; nothing is half-loaded."""
    try:
        return {"check": _check, "test": _test, "import": _import, "export": _export}[
            chosen.action
        ](chosen, settings)
    except (ContentError, StartError, WorkFailed, Refused) as error:
        raise VerbError(str(error)) from None


def _given(files: Iterable[Path]) -> dict[str, str]:
    """Files by name over those of the installation."""
    return {**read_files(ROOT / "faq"), **read_some(files)}


def _check(chosen: argparse.Namespace, settings: Settings) -> int:
    """Files of the installation (or those given), or the draft; exit status 1 for fatal faults."""
    said = load_said(ROOT)
    if chosen.draft:
        base = open_knowledge(settings)
        files: Mapping[str, str] = _open_version(base, draft=True)[1].files
    else:
        files = _given(chosen.files)
    knowledge = parse(files)
    findings = check(knowledge, today(settings), passages(said), offer_terms(said))
    for found in findings:
        words = " ".join(w for w in (found.text, found.other) if w)
        kind = "fault" if found.fatal else "note"
        print(f"{kind}: {found.rule} {found.where} {words}".rstrip())
    faults = sum(found.fatal for found in findings)
    print(_sizes(knowledge, len(said.offers)) + (f": {faults} faults" if faults else ": no fault"))
    return 1 if faults else 0


def _sizes(knowledge: Knowledge, offers: int) -> str:
    return (f"{len(knowledge.entries)} FAQ entries, {len(knowledge.kinds)} intent kinds,"
            f" {len(knowledge.tests)} test and {len(knowledge.calibration)} calibration"
            f" utterances, {offers} offers")  # fmt: skip


def _open_version(base: KnowledgeBase, *, draft: bool) -> tuple[int, Snapshot]:
    with base.reads() as reads:
        version = versions.draft(reads) if draft else versions.published(reads)
        if version is None or version.id is None:
            raise VerbError("there is no open draft")
        return version.id, versions.snapshot(reads, version.id)


def _quiet(_percent: int, _detail: str) -> None:
    """No progress on the command line."""


def _test(chosen: argparse.Namespace, settings: Settings) -> int:
    """The published version on its own tests; the draft or given files against it."""
    base = open_knowledge(settings)
    _, published = _open_version(base, draft=False)
    after = published
    if chosen.draft:
        after = _open_version(base, draft=True)[1]
    elif chosen.files:
        after = Snapshot({**published.files, **read_some(chosen.files)})
    report = base.worker.run("test", after, published, _quiet).report
    _print_report(report, compare=after != published)
    return 0


def _print_report(report: Mapping[str, Any], *, compare: bool) -> None:
    for name, sides in report["figures"].items():
        for side in ("before", "after") if compare else ("after",):
            f = sides[side]
            print(f"{name:5} {side if compare else '':6} family macro-F1 {f['macro_f1']:.3f},"
                  f" FAQ top-1 {f['top1']:.3f} top-3 {f['top3']:.3f},"
                  f" false disconnects {f['false_disconnects']}, lost {f['lost_disconnects']},"
                  f" foreign answered {f['foreign_answered']:.3f},"
                  f" calibration error {f['calibration_error']:.3f}"
                  f" ({report['rows']} utterances)")  # fmt: skip
    for row in report["broken"]:
        print(f"  newly broken ({row['noise']}): {row['text']}: {row['wanted']}"
              f" {row['wanted_faq']} -> {row['after']} {row['after_faq']}")  # fmt: skip


def _import(chosen: argparse.Namespace, settings: Settings) -> int:
    """Into the open draft (a new one where there is none); ``--publish`` goes all the way."""
    if not chosen.files:
        raise VerbError("name the files to import: entries.csv, intents.yaml, ... or a folder")
    files = read_some(chosen.files)
    base = open_knowledge(settings)
    actor = verb(getpass.getuser())
    edit = EditKnowledge(edit=ReplaceFiles(files), actor=actor)
    version = base.bus.execute(edit)
    print(f"{', '.join(files)} imported into draft {version}")
    if chosen.publish:
        _publish(base, actor, version, chosen.reason)
    return 0


def _publish(base: KnowledgeBase, actor: Actor, version: VersionId, reason: str) -> None:
    """Check, test, publish: the same steps as in the workshop."""
    with base.reads() as reads:
        draft = versions.snapshot(reads, version)
    _, published = _open_version(base, draft=False)
    for kind in ("check", "test"):
        job = base.bus.execute(StartJob(version_id=version, kind=kind, actor=actor))
        try:
            with held(base.bus, HoldJob(job_id=job)):
                report = base.worker.run(kind, draft, published, _quiet).report
        except WorkFailed as error:
            base.bus.execute(FinishJob(job_id=job, result=None, error=str(error)))
            raise
        base.bus.execute(FinishJob(job_id=job, result=report))
        if kind == "check" and report["fatal"]:
            raise VerbError(f"{report['fatal']} faults: holdline content check --draft lists them")
        if kind == "test":
            _print_report(report, compare=True)
    base.bus.execute(DecideDraft(version_id=version, action="publish", reason=reason, actor=actor))
    print(f"version {version} is published; a running brain takes it at its next start,"
          " or at once when it is published in the workshop", file=sys.stderr)  # fmt: skip


def _export(chosen: argparse.Namespace, settings: Settings) -> int:
    """All files of the published version (or the draft) into a folder."""
    if len(chosen.files) != 1:
        raise VerbError("name the folder to export into")
    folder: Path = chosen.files[0]
    version, snapshot = _open_version(open_knowledge(settings), draft=chosen.draft)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in snapshot.files.items():
            with (folder / name).open("w", encoding="utf-8", newline="") as out:
                out.write(text)
    except OSError as error:
        raise VerbError(f"{folder}: {error.strerror}") from None
    print(f"version {version}: {', '.join(sorted(snapshot.files))} in {folder}")
    return 0
