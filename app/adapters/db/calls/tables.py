"""Calls and what was said in them, as tables."""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, String, Table, Text, false

from app.adapters.db.columns import at, key, metadata, ref, text, whole
from app.service.calls.records import Call, CallEvent, CardFate, Rehearing, Utterance

calls = Table(
    "calls", metadata, Column("id", String(32), primary_key=True), text("bridge", 64),
    text("sip_call_id", 200), text("caller", 64, index=True), text("called", 64),
    at("started_at", index=True), text("phase", 24, index=True), text("state_json"),
    ref("customer_id", "customers.id"), ref("agent_id", "users.id"),
    text("intent", 48, index=True), at("answered_at", optional=True),
    at("talked_at", optional=True), at("ended_at", optional=True), text("outcome", 32),
    text("disposition", 32), text("note"), text("summary_draft"),
    text("recording", 200), text("recording_error", 200),
    whole("frames"), whole("heard_caller"), whole("heard_agent"),
    Column("direction", String(8), nullable=False, server_default="inbound"),
)  # fmt: skip
call_events = Table(
    "call_events", metadata, key(), ref("call_id", "calls.id", optional=False), at("at"),
    text("kind", 48), text("detail"),
)  # fmt: skip
utterances = Table(
    "utterances", metadata, key(), Column("call_id", String(32), ForeignKey("calls.id"),
                                          nullable=False),
    text("side", 8), whole("start_ms"), whole("end_ms"), text("text"), text("words_json"),
    Column("confidence", Float, nullable=False), text("intent", 48), text("action", 8),
    text("understanding_json"),
    Column("heard_again", Boolean, nullable=False, server_default=false()),
    Column("first_text", Text, nullable=False, server_default=""),
    Column("first_intent", String(48), nullable=False, server_default=""),
    text("first_model", 80), text("second_model", 80),
    Column("second_clear", Float, nullable=True),
    Column("right_text", Text, nullable=False, server_default=""),
    Index("ix_utterances_call_id_start_ms", "call_id", "start_ms"),
)  # fmt: skip
card_fates = Table(
    "card_fates", metadata, key(), ref("call_id", "calls.id", optional=False),
    ref("utterance_id", "utterances.id", optional=False), text("intent", 48),
    at("shown_at", index=True), text("fate", 16), at("settled_at", optional=True),
)  # fmt: skip
rehearings = Table(
    "rehearings", metadata,
    Column("call_id", String(32), ForeignKey("calls.id"), primary_key=True),
    text("day", 10), at("ended_at"), at("next_at"), text("state", 16), whole("tries"),
    text("why", 32), at("claimed_until", optional=True), at("settled_at", optional=True),
    Index("ix_rehearings_state_day", "state", "day"),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    Call: calls,
    CallEvent: call_events,
    Utterance: utterances,
    CardFate: card_fates,
    Rehearing: rehearings,
}
