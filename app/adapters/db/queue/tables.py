"""Where agents are, as tables."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from app.adapters.db.columns import at, metadata, text
from app.service.queue.records import AgentPresence

agent_presence = Table(
    "agent_presence", metadata,
    Column("user_id", Integer, ForeignKey("users.id"), primary_key=True),
    text("state", 16), at("since"), Column("call_id", String(32), nullable=True),
)  # fmt: skip

MAPPING: dict[type, Table] = {
    AgentPresence: agent_presence,
}
