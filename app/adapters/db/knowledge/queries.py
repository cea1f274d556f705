"""Reads of the knowledge workshop."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, or_, select

from app.adapters.db.calls.tables import calls, utterances
from app.adapters.db.households.tables import customers
from app.adapters.db.knowledge.tables import (
    answer_hits,
    knowledge_edits,
    knowledge_embeddings,
    knowledge_jobs,
    knowledge_texts,
    knowledge_versions,
    learning_items,
    learning_runs,
    shadow_differences,
)
from app.adapters.db.people.tables import users
from app.adapters.db.reads import SqlReads
from app.domain.knowledge.version import OPEN, DraftPhase
from app.service.calls.records import Call, Utterance
from app.service.knowledge.queries import EntryCount, HitRow, QueueRow, StoredSentence
from app.service.knowledge.records import (
    AnswerHit,
    KnowledgeEdit,
    KnowledgeJob,
    KnowledgeVersion,
    LearningItem,
    LearningRun,
    ShadowDifference,
)


class SqlKnowledgeQueries(SqlReads):
    """SQL behind the port KnowledgeQueries: the knowledge base and what is learned."""

    def versions(self, limit: int = 50) -> Sequence[KnowledgeVersion]:
        query = select(KnowledgeVersion).order_by(knowledge_versions.c.id.desc())
        with self._session() as session:
            return session.scalars(query.limit(limit)).all()

    def version(self, version_id: int) -> KnowledgeVersion | None:
        with self._session() as session:
            return session.get(KnowledgeVersion, version_id)

    def _newest(self, phases: Sequence[str]) -> KnowledgeVersion | None:
        v = knowledge_versions.c
        query = select(KnowledgeVersion).where(v.phase.in_(phases)).order_by(v.id.desc())
        with self._session() as session:
            return session.scalars(query.limit(1)).first()

    def published(self) -> KnowledgeVersion | None:
        return self._newest([DraftPhase.PUBLISHED])

    def draft(self) -> KnowledgeVersion | None:
        return self._newest(sorted(OPEN))

    def files(self, version_id: int) -> Mapping[str, str]:
        x = knowledge_texts.c
        with self._session() as session:
            rows = session.execute(select(x.name, x.text).where(x.version_id == version_id))
            return {row.name: row.text for row in rows}

    def has_embedding(self, version_id: int) -> bool:
        e = knowledge_embeddings.c
        with self._session() as session:
            query = select(func.count()).where(e.version_id == version_id)
            return bool(session.scalar(query))

    def edits(self, version_id: int) -> Sequence[KnowledgeEdit]:
        query = (
            select(KnowledgeEdit)
            .where(knowledge_edits.c.version_id == version_id)
            .order_by(knowledge_edits.c.id.desc())
        )
        with self._session() as session:
            return session.scalars(query).all()

    def jobs(self, version_id: int) -> Mapping[str, KnowledgeJob]:
        query = (
            select(KnowledgeJob)
            .where(knowledge_jobs.c.version_id == version_id)
            .order_by(knowledge_jobs.c.id)
        )
        with self._session() as session:
            return {job.kind: job for job in session.scalars(query)}

    def counts(self, since: datetime) -> Mapping[str, EntryCount]:
        h, i = answer_hits.c, learning_items.c
        hits = select(h.entry, func.count()).where(h.rank == 0, h.at >= since).group_by(h.entry)
        corrected = (i.source == "corrected", i.at >= since)
        wrong = select(i.heard_faq, func.count()).where(*corrected, i.heard_faq != i.wanted_faq)
        missed = select(i.wanted_faq, func.count()).where(*corrected, i.heard_faq != i.wanted_faq)
        with self._session() as session:
            found = [
                {str(name): int(count) for name, count in session.execute(query)}
                for query in (hits, wrong.group_by(i.heard_faq), missed.group_by(i.wanted_faq))
            ]
        names = set().union(*found) - {""}
        return {n: EntryCount(*(counted.get(n, 0) for counted in found)) for n in names}

    def hits(self, entry: str, limit: int = 30) -> Sequence[HitRow]:
        h = answer_hits.c
        query = (
            select(AnswerHit, Utterance)
            .join(utterances, utterances.c.id == h.utterance_id)
            .where(h.entry == entry, h.rank == 0)
            .order_by(h.id.desc())
            .limit(limit)
        )
        with self._session() as session:
            return [HitRow(*row) for row in session.execute(query)]

    def corrections(self, entry: str, limit: int = 30) -> Sequence[LearningItem]:
        i = learning_items.c
        query = (
            select(LearningItem)
            .where(i.source == "corrected", (i.heard_faq == entry) | (i.wanted_faq == entry))
            .order_by(i.id.desc())
            .limit(limit)
        )
        with self._session() as session:
            return session.scalars(query).all()

    def queue(self, source: str = "", state: str = "open", limit: int = 100) -> Sequence[QueueRow]:
        i = learning_items.c
        where = [i.state == state, *([i.source == source] if source else [])]
        corrected = func.max(case((i.source == "corrected", 1), else_=0))
        groups = (
            select(func.max(i.id).label("newest"), func.count().label("size"), corrected.label("c"))
            .where(*where)
            .group_by(i.text)
            .subquery()
        )
        query = (
            select(LearningItem, groups.c.size)
            .join(groups, groups.c.newest == i.id)
            .order_by(groups.c.c.desc(), groups.c.size.desc(), i.id.desc())
            .limit(limit)
        )
        with self._session() as session:
            return [QueueRow(*row) for row in session.execute(query)]

    def item(self, item_id: int) -> LearningItem | None:
        with self._session() as session:
            return session.get(LearningItem, item_id)

    def open_items(self) -> int:
        i = learning_items.c
        with self._session() as session:
            found = session.scalar(select(func.count(i.text.distinct())).where(i.state == "open"))
            return int(found or 0)

    def differences(self, version_id: int, limit: int = 100) -> Sequence[ShadowDifference]:
        query = (
            select(ShadowDifference)
            .where(shadow_differences.c.version_id == version_id)
            .order_by(shadow_differences.c.id.desc())
            .limit(limit)
        )
        with self._session() as session:
            return session.scalars(query).all()

    def learning_runs(self, limit: int = 10) -> Sequence[LearningRun]:
        query = select(LearningRun).order_by(learning_runs.c.id.desc()).limit(limit)
        with self._session() as session:
            return session.scalars(query).all()

    def learnable(self, since: datetime, limit: int) -> Sequence[StoredSentence]:
        u, c = utterances.c, calls.c
        known = or_(u.heard_again, u.right_text != "")
        return self._sentences(limit, known, c.started_at >= since)

    def corrected(self, limit: int) -> Sequence[StoredSentence]:
        return self._sentences(limit, utterances.c.right_text != "", calls.c.recording != "")

    def _sentences(self, limit: int, *where: Any) -> Sequence[StoredSentence]:
        u, c = utterances.c, calls.c
        query = (
            select(Utterance, Call, customers.c.name, users.c.display_name)
            .join(calls, c.id == u.call_id)
            .outerjoin(customers, customers.c.id == c.customer_id)
            .outerjoin(users, users.c.id == c.agent_id)
            .where(c.ended_at.is_not(None), *where)
            .order_by(u.id.desc())
            .limit(limit)
        )
        with self._session() as session:
            return [
                StoredSentence(said, call, tuple(filter(None, names)))
                for said, call, *names in session.execute(query)
            ]
