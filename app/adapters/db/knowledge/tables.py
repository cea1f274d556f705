"""Versions of the knowledge base, and what is learned from calls, as tables."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Integer, LargeBinary, Table

from app.adapters.db.columns import at, key, metadata, ref, text, whole
from app.service.knowledge.records import (
    AnswerHit,
    KnowledgeEdit,
    KnowledgeEmbedding,
    KnowledgeJob,
    KnowledgeText,
    KnowledgeVersion,
    LearningItem,
    LearningRun,
    ShadowDifference,
)

knowledge_versions = Table(
    "knowledge_versions", metadata, key(), text("phase", 16, index=True), text("origin", 16),
    at("created_at"), text("created_by", 64), ref("based_on", "knowledge_versions.id"),
    whole("revision"), Column("risky", Boolean, nullable=False),
    Column("shadow", Boolean, nullable=False), whole("shadow_seen"), text("note"),
    at("published_at", optional=True), text("published_by", 64), text("fingerprint", 64),
)  # fmt: skip
knowledge_texts = Table(
    "knowledge_texts", metadata, key(), ref("version_id", "knowledge_versions.id", optional=False),
    text("name", 32), text("text"),
)  # fmt: skip
knowledge_embeddings = Table(
    "knowledge_embeddings", metadata,
    Column("version_id", Integer, ForeignKey("knowledge_versions.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)  # fmt: skip
knowledge_edits = Table(
    "knowledge_edits", metadata, key(), ref("version_id", "knowledge_versions.id", optional=False),
    at("at"), text("who", 64), text("action", 24), text("subject", 200),
)  # fmt: skip
knowledge_jobs = Table(
    "knowledge_jobs", metadata, key(), ref("version_id", "knowledge_versions.id", optional=False),
    whole("revision"), text("kind", 16), at("started_at"), text("started_by", 64),
    text("state", 16, index=True), whole("progress"), text("detail"), text("result_json"),
    at("ended_at", optional=True), at("claimed_until", optional=True),
)  # fmt: skip
learning_items = Table(
    "learning_items", metadata, key(), at("at", index=True), text("source", 16),
    text("text", 500, index=True), text("heard", 48), text("heard_faq", 64),
    text("wanted", 48), text("wanted_faq", 64, index=True), ref("call_id", "calls.id"),
    ref("utterance_id", "utterances.id"), text("reported_by", 64), text("state", 16, index=True),
    text("settled_by", 64), at("settled_at", optional=True),
)  # fmt: skip
learning_runs = Table(
    "learning_runs", metadata, key(), at("asked_at"), text("asked_by", 64),
    text("state", 16, index=True), whole("tries"), text("detail"), text("report_json"),
    text("model", 500), text("model_before", 500), at("ended_at", optional=True),
    at("claimed_until", optional=True),
)  # fmt: skip
answer_hits = Table(
    "answer_hits", metadata, key(), at("at", index=True), text("entry", 64, index=True),
    ref("utterance_id", "utterances.id", optional=False), whole("rank"),
    Column("score", Float, nullable=False),
)  # fmt: skip
shadow_differences = Table(
    "shadow_differences", metadata, key(),
    ref("version_id", "knowledge_versions.id", optional=False), at("at"), text("text", 500),
    text("live_json"), text("draft_json"), ref("utterance_id", "utterances.id"),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    KnowledgeVersion: knowledge_versions,
    KnowledgeText: knowledge_texts,
    KnowledgeEmbedding: knowledge_embeddings,
    KnowledgeEdit: knowledge_edits,
    KnowledgeJob: knowledge_jobs,
    LearningItem: learning_items,
    LearningRun: learning_runs,
    AnswerHit: answer_hits,
    ShadowDifference: shadow_differences,
}
