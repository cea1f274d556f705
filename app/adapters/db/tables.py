"""All tables, subject by subject, and how the service's records are mapped to them."""

from sqlalchemy import Table
from sqlalchemy.orm import registry

from app.adapters.db.callbacks import tables as callbacks_tables
from app.adapters.db.callbacks.tables import callbacks, tasks, voicemails
from app.adapters.db.calls import tables as calls_tables
from app.adapters.db.calls.tables import call_events, calls, card_fates, rehearings, utterances
from app.adapters.db.columns import metadata
from app.adapters.db.field import tables as field_tables
from app.adapters.db.field.tables import fault_guides, field_tickets, grids, outages, ticket_steps
from app.adapters.db.households import tables as households_tables
from app.adapters.db.households.tables import customer_phones, customers, plans, short_messages
from app.adapters.db.knowledge import tables as knowledge_tables
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
from app.adapters.db.numbers import number_sequences
from app.adapters.db.people import tables as people_tables
from app.adapters.db.people.tables import (
    api_tokens,
    audit_entries,
    idempotency_keys,
    users,
    web_sessions,
)
from app.adapters.db.queue import tables as queue_tables
from app.adapters.db.queue.tables import agent_presence
from app.adapters.db.retention import tables as retention_tables
from app.adapters.db.retention.tables import disclosures, offer_stock, offer_trials, retention_cases
from app.adapters.db.robot import tables as robot_tables
from app.adapters.db.robot.tables import dialog_versions, robot_talks, voice_versions
from app.service.people.records import User

__all__ = [
    "agent_presence",
    "answer_hits",
    "api_tokens",
    "audit_entries",
    "call_events",
    "callbacks",
    "calls",
    "card_fates",
    "customer_phones",
    "customers",
    "dialog_versions",
    "disclosures",
    "fault_guides",
    "field_tickets",
    "grids",
    "idempotency_keys",
    "knowledge_edits",
    "knowledge_embeddings",
    "knowledge_jobs",
    "knowledge_texts",
    "knowledge_versions",
    "learning_items",
    "learning_runs",
    "map_records",
    "metadata",
    "number_sequences",
    "offer_stock",
    "offer_trials",
    "outages",
    "plans",
    "rehearings",
    "retention_cases",
    "robot_talks",
    "shadow_differences",
    "short_messages",
    "table_of",
    "tasks",
    "ticket_steps",
    "users",
    "utterances",
    "voice_versions",
    "voicemails",
    "web_sessions",
]

_SUBJECTS = (
    callbacks_tables, calls_tables, field_tables, households_tables, knowledge_tables,
    people_tables, queue_tables, retention_tables, robot_tables,
)  # fmt: skip
_MAPPING: dict[type, Table] = {
    record: table for subject in _SUBJECTS for record, table in subject.MAPPING.items()
}


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
