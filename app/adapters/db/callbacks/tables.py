"""Voice messages, call-backs and tasks, as tables."""

from sqlalchemy import Column, ForeignKey, String, Table

from app.adapters.db.columns import at, key, metadata, ref, text, whole
from app.service.callbacks.records import Callback, Task, Voicemail

voicemails = Table(
    "voicemails", metadata, key(),
    Column("call_id", String(32), ForeignKey("calls.id"), nullable=False, unique=True),
    text("caller", 64), at("received_at", index=True), whole("start_ms"), whole("end_ms"),
    ref("customer_id", "customers.id"), text("text"), text("intent", 48),
    text("state", 16, index=True), ref("claimed_by", "users.id"), at("done_at", optional=True),
    text("note"), text("first_text"),
)  # fmt: skip
tasks = Table(
    "tasks", metadata, key(), text("kind", 16), text("text"), text("phone", 64),
    at("created_at"), at("due_at", index=True), ref("agent_id", "users.id"),
    ref("call_id", "calls.id"), ref("customer_id", "customers.id"),
    text("state", 16, index=True), at("done_at", optional=True), text("note"),
)  # fmt: skip
callbacks = Table(
    "callbacks", metadata, key(), text("caller", 64, index=True), text("source", 16),
    at("created_at"), at("next_at"), text("state", 16, index=True), text("intent", 48),
    text("text"), whole("messages"), whole("attempts"), at("due_at", optional=True),
    ref("call_id", "calls.id"), ref("customer_id", "customers.id"),
    ref("claimed_by", "users.id"), text("note"), at("closed_at", optional=True),
    text("draft_json"), text("first_text"),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    Voicemail: voicemails,
    Task: tasks,
    Callback: callbacks,
}
