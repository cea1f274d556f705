"""Households, their plans, and short messages to them, as tables."""

from sqlalchemy import Column, Date, ForeignKey, String, Table

from app.adapters.db.columns import at, beginning, key, metadata, ref, text, whole
from app.service.households.records import Customer, CustomerPhone, Plan, ShortMessage

plans = Table(
    "plans", metadata, Column("code", String(32), primary_key=True), text("name", 64),
    whole("monthly_fen"), whole("download_mbps"), whole("contract_months"),
    whole("penalty_percent"),
)  # fmt: skip
customers = Table(
    "customers", metadata, key(), text("name", 64),
    Column("account_no", String(32), nullable=False, unique=True), text("address", 200),
    text("estate", 64), ref("grid_id", "grids.id", optional=False),
    Column("plan_code", String(32), ForeignKey("plans.code"), nullable=False),
    Column("since", Date, nullable=False), Column("expires_on", Date, nullable=False),
    text("box_model", 64), text("smart_card", 32, index=True),
    text("id_last4", 4), text("status", 16), whole("arrears_fen"), whole("points"),
    text("notes"), beginning("customers", "name"),
)  # fmt: skip
customer_phones = Table(
    "customer_phones", metadata, key(), text("phone", 32),
    ref("customer_id", "customers.id", optional=False), beginning("customer_phones", "phone"),
)  # fmt: skip
short_messages = Table(
    "short_messages", metadata, key(), text("phone", 32), text("text", 500),
    text("template", 48), at("created_at"), at("next_at"), text("by", 64),
    text("state", 16, index=True), whole("attempts"), ref("call_id", "calls.id"),
    at("sent_at", optional=True), text("error", 200), at("claimed_until", optional=True),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    Plan: plans,
    Customer: customers,
    CustomerPhone: customer_phones,
    ShortMessage: short_messages,
}
