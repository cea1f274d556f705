"""Versions of the knowledge base: which is published, which is the draft, what is in one."""

import hashlib
from collections.abc import Mapping

from app.domain.knowledge import version as machine
from app.domain.knowledge.version import DraftPhase, DraftState
from app.service.knowledge.records import KnowledgeEmbedding, KnowledgeText, KnowledgeVersion
from app.service.ports import ReadSession, Snapshot


def fingerprint(files: Mapping[str, str]) -> str:
    """A digest of a version's texts: equal texts, equal digest."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name].encode() + b"\0")
    return digest.hexdigest()


def state_of(version: KnowledgeVersion) -> DraftState:
    return DraftState(DraftPhase(version.phase), version.risky, version.shadow)


def advance(version: KnowledgeVersion, event: machine.DraftEvent) -> None:
    """One event of the machine. Raises Refused."""
    state = machine.step(state_of(version), event)
    version.phase, version.risky, version.shadow = state.phase, state.risky, state.shadow


def published(reads: ReadSession) -> KnowledgeVersion | None:
    found = reads.find(KnowledgeVersion, phase=DraftPhase.PUBLISHED)
    return found[-1] if found else None


def draft(reads: ReadSession) -> KnowledgeVersion | None:
    """The open draft: there is one at most."""
    for phase in machine.OPEN:
        found = reads.find(KnowledgeVersion, phase=phase)
        if found:
            return found[-1]
    return None


def files_of(reads: ReadSession, version_id: int) -> dict[str, str]:
    return {t.name: t.text for t in reads.find(KnowledgeText, version_id=version_id)}


def snapshot(reads: ReadSession, version_id: int) -> Snapshot:
    kept = reads.get(KnowledgeEmbedding, version_id)
    return Snapshot(files_of(reads, version_id), kept.data if kept is not None else b"")
