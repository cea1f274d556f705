"""The tables, and how the service's records are mapped to them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.orm import registry

from app.service.callbacks.records import Callback, Task, Voicemail
from app.service.calls.records import Call, CallEvent, CardFate, Utterance
from app.service.field.records import FaultGuide, FieldTicket, Grid, Outage, TicketStep
from app.service.households.records import Customer, CustomerPhone, Plan, ShortMessage
from app.service.knowledge.records import (
    AnswerHit,
    KnowledgeEdit,
    KnowledgeEmbedding,
    KnowledgeJob,
    KnowledgeText,
    KnowledgeVersion,
    LearningItem,
    ShadowDifference,
)
from app.service.people.records import ApiToken, AuditEntry, IdempotencyKey, User, WebSession
from app.service.queue.records import AgentPresence
from app.service.retention.records import Disclosure, OfferStock, OfferTrial, RetentionCase
from app.service.robot.records import DialogVersion, RobotTalk

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite stores it without a zone, PostgreSQL with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    # SQLAlchemy passes the dialect by this name; both ignore it.
    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware (UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def _text(name: str, size: int | None = None, **options: Any) -> Column[str]:
    kind = String(size) if size else Text()
    return Column(name, kind, nullable=False, server_default="", **options)


def _whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _at(name: str, *, optional: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime(), nullable=optional, index=index)


def _ref(name: str, target: str, *, optional: bool = True) -> Column[Any]:
    kind = String(32) if target == "calls.id" else Integer
    return Column(name, kind, ForeignKey(target), nullable=optional, index=True)


def _beginning(table: str, column: str) -> Index:
    """An index that PostgreSQL also uses for what begins with a text, whatever its collation."""
    operators = {column: "varchar_pattern_ops"}
    return Index(f"ix_{table}_{column}", column, postgresql_ops=operators)


users = Table(
    "users", metadata, _id(), Column("name", String(64), nullable=False, unique=True),
    _text("display_name", 64), _text("role", 16), _text("password_hash"), _text("line", 200),
    Column("active", Boolean, nullable=False), _text("desk_mode", 16), _whole("offer_authority"),
)  # fmt: skip
web_sessions = Table(
    "web_sessions", metadata, Column("token_hash", String(64), primary_key=True),
    _ref("user_id", "users.id", optional=False), _at("created_at"), _at("expires_at"),
)  # fmt: skip
api_tokens = Table(
    "api_tokens", metadata, _id(), Column("token_hash", String(64), nullable=False, unique=True),
    _text("name", 64), _text("role", 16), _at("created_at"), _at("revoked_at", optional=True),
    _ref("user_id", "users.id"),
)  # fmt: skip
agent_presence = Table(
    "agent_presence", metadata,
    Column("user_id", Integer, ForeignKey("users.id"), primary_key=True),
    _text("state", 16), _at("since"), Column("call_id", String(32), nullable=True),
)  # fmt: skip
grids = Table("grids", metadata, _id(), _text("name", 64), _ref("technician_id", "users.id"))
plans = Table(
    "plans", metadata, Column("code", String(32), primary_key=True), _text("name", 64),
    _whole("monthly_fen"), _whole("download_mbps"), _whole("contract_months"),
    _whole("penalty_percent"),
)  # fmt: skip
customers = Table(
    "customers", metadata, _id(), _text("name", 64),
    Column("account_no", String(32), nullable=False, unique=True), _text("address", 200),
    _text("estate", 64), _ref("grid_id", "grids.id", optional=False),
    Column("plan_code", String(32), ForeignKey("plans.code"), nullable=False),
    Column("since", Date, nullable=False), Column("expires_on", Date, nullable=False),
    _text("box_model", 64), _text("smart_card", 32, index=True),
    _text("id_last4", 4), _text("status", 16), _whole("arrears_fen"), _whole("points"),
    _text("notes"), _beginning("customers", "name"),
)  # fmt: skip
customer_phones = Table(
    "customer_phones", metadata, _id(), _text("phone", 32),
    _ref("customer_id", "customers.id", optional=False), _beginning("customer_phones", "phone"),
)  # fmt: skip
calls = Table(
    "calls", metadata, Column("id", String(32), primary_key=True), _text("bridge", 64),
    _text("sip_call_id", 200), _text("caller", 64, index=True), _text("called", 64),
    _at("started_at", index=True), _text("phase", 24, index=True), _text("state_json"),
    _ref("customer_id", "customers.id"), _ref("agent_id", "users.id"),
    _text("intent", 48, index=True), _at("answered_at", optional=True),
    _at("talked_at", optional=True), _at("ended_at", optional=True), _text("outcome", 32),
    _text("disposition", 32), _text("note"), _text("summary_draft"),
    _text("recording", 200), _text("recording_error", 200),
    _whole("frames"), _whole("heard_caller"), _whole("heard_agent"),
)  # fmt: skip
call_events = Table(
    "call_events", metadata, _id(), _ref("call_id", "calls.id", optional=False), _at("at"),
    _text("kind", 48), _text("detail"),
)  # fmt: skip
utterances = Table(
    "utterances", metadata, _id(), Column("call_id", String(32), ForeignKey("calls.id"),
                                          nullable=False),
    _text("side", 8), _whole("start_ms"), _whole("end_ms"), _text("text"), _text("words_json"),
    Column("confidence", Float, nullable=False), _text("intent", 48), _text("action", 8),
    _text("understanding_json"), Index("ix_utterances_call_id_start_ms", "call_id", "start_ms"),
)  # fmt: skip
retention_cases = Table(
    "retention_cases", metadata, _id(), _ref("call_id", "calls.id", optional=False),
    _at("opened_at"), _text("phase", 24, index=True), _text("kind", 16), _text("state_json"),
    _ref("customer_id", "customers.id"), _ref("agent_id", "users.id"), _text("reason", 24),
    _text("evidence_json"), _at("closed_at", optional=True),
)  # fmt: skip
offer_trials = Table(
    "offer_trials", metadata, _id(), _ref("case_id", "retention_cases.id", optional=False),
    _text("offer", 48), _at("shown_at"), _text("outcome", 16), _ref("customer_id", "customers.id"),
    _at("answered_at", optional=True),
)  # fmt: skip
field_tickets = Table(
    "field_tickets", metadata, _id(), Column("number", String(24), nullable=False, unique=True),
    _text("kind", 16), _text("state", 16, index=True), _text("address", 200), _text("phone", 32),
    _ref("grid_id", "grids.id", optional=False), _at("created_at", index=True), _at("due_at"),
    _text("created_by", 64), _ref("customer_id", "customers.id"),
    _ref("case_id", "retention_cases.id"), _ref("call_id", "calls.id"),
    _ref("technician_id", "users.id"), _text("reason", 24), _text("offers"), _text("promise"),
    _text("brief"), _text("outcome_reason", 200), _at("closed_at", optional=True),
)  # fmt: skip
ticket_steps = Table(
    "ticket_steps", metadata, _id(), _ref("ticket_id", "field_tickets.id", optional=False),
    _at("at"), _text("event", 16), _text("by", 64), _text("note"),
)  # fmt: skip
voicemails = Table(
    "voicemails", metadata, _id(),
    Column("call_id", String(32), ForeignKey("calls.id"), nullable=False, unique=True),
    _text("caller", 64), _at("received_at", index=True), _whole("start_ms"), _whole("end_ms"),
    _ref("customer_id", "customers.id"), _text("text"), _text("intent", 48),
    _text("state", 16, index=True), _ref("claimed_by", "users.id"), _at("done_at", optional=True),
    _text("note"),
)  # fmt: skip
audit_entries = Table(
    "audit_entries", metadata, _id(), _at("at", index=True), _text("who", 64), _text("action", 48),
    _text("subject", 100), _text("detail"),
)  # fmt: skip
idempotency_keys = Table(
    "idempotency_keys", metadata, Column("key", String(100), primary_key=True), _at("at"),
    _text("result"),
)  # fmt: skip

knowledge_versions = Table(
    "knowledge_versions", metadata, _id(), _text("phase", 16, index=True), _text("origin", 16),
    _at("created_at"), _text("created_by", 64), _ref("based_on", "knowledge_versions.id"),
    _whole("revision"), Column("risky", Boolean, nullable=False),
    Column("shadow", Boolean, nullable=False), _whole("shadow_seen"), _text("note"),
    _at("published_at", optional=True), _text("published_by", 64), _text("fingerprint", 64),
)  # fmt: skip
knowledge_texts = Table(
    "knowledge_texts", metadata, _id(), _ref("version_id", "knowledge_versions.id", optional=False),
    _text("name", 32), _text("text"),
)  # fmt: skip
knowledge_embeddings = Table(
    "knowledge_embeddings", metadata,
    Column("version_id", Integer, ForeignKey("knowledge_versions.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)  # fmt: skip
knowledge_edits = Table(
    "knowledge_edits", metadata, _id(), _ref("version_id", "knowledge_versions.id", optional=False),
    _at("at"), _text("who", 64), _text("action", 24), _text("subject", 200),
)  # fmt: skip
knowledge_jobs = Table(
    "knowledge_jobs", metadata, _id(), _ref("version_id", "knowledge_versions.id", optional=False),
    _whole("revision"), _text("kind", 16), _at("started_at"), _text("started_by", 64),
    _text("state", 16, index=True), _whole("progress"), _text("detail"), _text("result_json"),
    _at("ended_at", optional=True),
)  # fmt: skip
learning_items = Table(
    "learning_items", metadata, _id(), _at("at", index=True), _text("source", 16),
    _text("text", 500, index=True), _text("heard", 48), _text("heard_faq", 64),
    _text("wanted", 48), _text("wanted_faq", 64, index=True), _ref("call_id", "calls.id"),
    _ref("utterance_id", "utterances.id"), _text("reported_by", 64), _text("state", 16, index=True),
    _text("settled_by", 64), _at("settled_at", optional=True),
)  # fmt: skip
answer_hits = Table(
    "answer_hits", metadata, _id(), _at("at", index=True), _text("entry", 64, index=True),
    _ref("utterance_id", "utterances.id", optional=False), _whole("rank"),
    Column("score", Float, nullable=False),
)  # fmt: skip
shadow_differences = Table(
    "shadow_differences", metadata, _id(),
    _ref("version_id", "knowledge_versions.id", optional=False), _at("at"), _text("text", 500),
    _text("live_json"), _text("draft_json"), _ref("utterance_id", "utterances.id"),
)  # fmt: skip
disclosures = Table(
    "disclosures", metadata, _id(), _ref("call_id", "calls.id", optional=False), _text("code", 48),
    _text("why", 64), _text("state", 16), _at("required_at"),
    Column("binding", Boolean, nullable=False), _at("at", optional=True),
    _ref("utterance_id", "utterances.id"),
)  # fmt: skip
tasks = Table(
    "tasks", metadata, _id(), _text("kind", 16), _text("text"), _text("phone", 64),
    _at("created_at"), _at("due_at", index=True), _ref("agent_id", "users.id"),
    _ref("call_id", "calls.id"), _ref("customer_id", "customers.id"),
    _text("state", 16, index=True), _at("done_at", optional=True), _text("note"),
)  # fmt: skip
fault_guides = Table(
    "fault_guides", metadata, _id(), _ref("call_id", "calls.id", optional=False),
    _text("tree", 48), _text("state_json"), _at("started_at"), _text("outcome", 16),
    _at("ended_at", optional=True),
)  # fmt: skip
outages = Table(
    "outages", metadata, _id(), _ref("grid_id", "grids.id", optional=False), _text("text"),
    _at("since"), _at("until", index=True), _text("by", 64), _at("ended_at", optional=True),
)  # fmt: skip
short_messages = Table(
    "short_messages", metadata, _id(), _text("phone", 32), _text("text", 500),
    _text("template", 48), _at("created_at"), _at("next_at"), _text("by", 64),
    _text("state", 16, index=True), _whole("attempts"), _ref("call_id", "calls.id"),
    _at("sent_at", optional=True), _text("error", 200),
)  # fmt: skip

offer_stock = Table(
    "offer_stock", metadata, Column("item", String(48), primary_key=True), _whole("left"),
    _at("changed_at"), _text("changed_by", 64),
)  # fmt: skip
card_fates = Table(
    "card_fates", metadata, _id(), _ref("call_id", "calls.id", optional=False),
    _ref("utterance_id", "utterances.id", optional=False), _text("intent", 48),
    _at("shown_at", index=True), _text("fate", 16), _at("settled_at", optional=True),
)  # fmt: skip
robot_talks = Table(
    "robot_talks", metadata,
    Column("call_id", String(32), ForeignKey("calls.id"), primary_key=True), _text("state_json"),
    _text("place", 16), _text("task", 32), _at("started_at", index=True), _whole("turns"),
    _text("outcome", 32), _at("ended_at", optional=True),
)  # fmt: skip
callbacks = Table(
    "callbacks", metadata, _id(), _text("caller", 64, index=True), _text("source", 16),
    _at("created_at"), _at("next_at"), _text("state", 16, index=True), _text("intent", 48),
    _text("text"), _whole("messages"), _whole("attempts"), _at("due_at", optional=True),
    _ref("call_id", "calls.id"), _ref("customer_id", "customers.id"),
    _ref("claimed_by", "users.id"), _text("note"), _at("closed_at", optional=True),
    _text("draft_json"),
)  # fmt: skip
dialog_versions = Table(
    "dialog_versions", metadata, _id(), _text("text"), _at("created_at"), _text("created_by", 64),
    _text("note", 200),
)  # fmt: skip

_MAPPING: dict[type, Table] = {
    User: users, WebSession: web_sessions, ApiToken: api_tokens,
    AgentPresence: agent_presence, Grid: grids, Plan: plans,
    Customer: customers, CustomerPhone: customer_phones, Call: calls,
    CallEvent: call_events, Utterance: utterances,
    RetentionCase: retention_cases, OfferTrial: offer_trials,
    FieldTicket: field_tickets, TicketStep: ticket_steps,
    Voicemail: voicemails, AuditEntry: audit_entries,
    IdempotencyKey: idempotency_keys,
    KnowledgeVersion: knowledge_versions, KnowledgeText: knowledge_texts,
    KnowledgeEmbedding: knowledge_embeddings, KnowledgeEdit: knowledge_edits,
    KnowledgeJob: knowledge_jobs, LearningItem: learning_items,
    AnswerHit: answer_hits, Disclosure: disclosures,
    Task: tasks, FaultGuide: fault_guides, Outage: outages,
    ShortMessage: short_messages,
    ShadowDifference: shadow_differences,
    OfferStock: offer_stock, CardFate: card_fates,
    RobotTalk: robot_talks, Callback: callbacks,
    DialogVersion: dialog_versions,
}  # fmt: skip


def table_of(record: type) -> Table:
    """The table of a record."""
    return _MAPPING[record]


def map_records() -> bool:
    """Map every record to its table; calling it again does nothing and answers False."""
    if hasattr(User, "__mapper__"):
        return False
    mapper = registry(metadata=metadata)
    for record, table in _MAPPING.items():
        mapper.map_imperatively(record, table)
    return True
