"""Tickets, fault guides, grids and outages, as tables."""

from sqlalchemy import Column, String, Table

from app.adapters.db.columns import at, key, metadata, ref, text
from app.service.field.records import FaultGuide, FieldTicket, Grid, Outage, TicketStep

grids = Table("grids", metadata, key(), text("name", 64), ref("technician_id", "users.id"))
field_tickets = Table(
    "field_tickets", metadata, key(), Column("number", String(24), nullable=False, unique=True),
    text("kind", 16), text("state", 16, index=True), text("address", 200), text("phone", 32),
    ref("grid_id", "grids.id", optional=False), at("created_at", index=True), at("due_at"),
    text("created_by", 64), ref("customer_id", "customers.id"),
    ref("case_id", "retention_cases.id"), ref("call_id", "calls.id"),
    ref("technician_id", "users.id"), text("reason", 24), text("offers"), text("promise"),
    text("brief"), text("outcome_reason", 200), at("closed_at", optional=True),
)  # fmt: skip
ticket_steps = Table(
    "ticket_steps", metadata, key(), ref("ticket_id", "field_tickets.id", optional=False),
    at("at"), text("event", 16), text("by", 64), text("note"),
)  # fmt: skip
fault_guides = Table(
    "fault_guides", metadata, key(), ref("call_id", "calls.id", optional=False),
    text("tree", 48), text("state_json"), at("started_at"), text("outcome", 16),
    at("ended_at", optional=True),
)  # fmt: skip
outages = Table(
    "outages", metadata, key(), ref("grid_id", "grids.id", optional=False), text("text"),
    at("since"), at("until", index=True), text("by", 64), at("ended_at", optional=True),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    Grid: grids,
    FieldTicket: field_tickets,
    TicketStep: ticket_steps,
    FaultGuide: fault_guides,
    Outage: outages,
}
