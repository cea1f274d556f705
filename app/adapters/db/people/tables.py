"""Who may log in, and what was done, as tables."""

from sqlalchemy import Boolean, Column, String, Table

from app.adapters.db.columns import at, key, metadata, ref, text, whole
from app.service.people.records import ApiToken, AuditEntry, IdempotencyKey, User, WebSession

users = Table(
    "users", metadata, key(), Column("name", String(64), nullable=False, unique=True),
    text("display_name", 64), text("role", 16), text("password_hash"), text("line", 200),
    Column("active", Boolean, nullable=False), text("desk_mode", 16), whole("offer_authority"),
)  # fmt: skip
web_sessions = Table(
    "web_sessions", metadata, Column("token_hash", String(64), primary_key=True),
    ref("user_id", "users.id", optional=False), at("created_at"), at("expires_at"),
)  # fmt: skip
api_tokens = Table(
    "api_tokens", metadata, key(), Column("token_hash", String(64), nullable=False, unique=True),
    text("name", 64), text("role", 16), at("created_at"), at("revoked_at", optional=True),
    ref("user_id", "users.id"),
)  # fmt: skip
audit_entries = Table(
    "audit_entries", metadata, key(), at("at", index=True), text("who", 64), text("action", 48),
    text("subject", 100), text("detail"),
)  # fmt: skip
idempotency_keys = Table(
    "idempotency_keys", metadata, Column("key", String(100), primary_key=True), at("at"),
    text("result"),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    User: users,
    WebSession: web_sessions,
    ApiToken: api_tokens,
    AuditEntry: audit_entries,
    IdempotencyKey: idempotency_keys,
}
