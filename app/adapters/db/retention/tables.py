"""Cases, offers, and what must be said, as tables."""

from sqlalchemy import Boolean, Column, String, Table

from app.adapters.db.columns import at, key, metadata, ref, text, whole
from app.service.retention.records import Disclosure, OfferStock, OfferTrial, RetentionCase

retention_cases = Table(
    "retention_cases", metadata, key(), ref("call_id", "calls.id", optional=False),
    at("opened_at"), text("phase", 24, index=True), text("kind", 16), text("state_json"),
    ref("customer_id", "customers.id"), ref("agent_id", "users.id"), text("reason", 24),
    text("evidence_json"), at("closed_at", optional=True),
)  # fmt: skip
offer_trials = Table(
    "offer_trials", metadata, key(), ref("case_id", "retention_cases.id", optional=False),
    text("offer", 48), at("shown_at"), text("outcome", 16), ref("customer_id", "customers.id"),
    at("answered_at", optional=True),
)  # fmt: skip
disclosures = Table(
    "disclosures", metadata, key(), ref("call_id", "calls.id", optional=False), text("code", 48),
    text("why", 64), text("state", 16), at("required_at"),
    Column("binding", Boolean, nullable=False), at("at", optional=True),
    ref("utterance_id", "utterances.id"),
)  # fmt: skip
offer_stock = Table(
    "offer_stock", metadata, Column("item", String(48), primary_key=True), whole("left"),
    at("changed_at"), text("changed_by", 64),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    RetentionCase: retention_cases,
    OfferTrial: offer_trials,
    Disclosure: disclosures,
    OfferStock: offer_stock,
}
