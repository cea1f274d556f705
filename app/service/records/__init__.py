"""What is stored: plain records, mapped to tables by the adapters. Times are aware UTC.

Money is in fen. ``*_json`` hold JSON text of the domain state beside the columns that are searched.
"""

from app.service.records.calls import (
    Call,
    Callback,
    CallEvent,
    CardFate,
    DialogVersion,
    Disclosure,
    FaultGuide,
    RobotTalk,
    ShortMessage,
    Task,
    Utterance,
    Voicemail,
)
from app.service.records.customers import (
    Customer,
    CustomerPhone,
    Grid,
    Outage,
    Plan,
)
from app.service.records.knowledge import (
    AnswerHit,
    KnowledgeEdit,
    KnowledgeEmbedding,
    KnowledgeJob,
    KnowledgeText,
    KnowledgeVersion,
    LearningItem,
    ShadowDifference,
)
from app.service.records.people import (
    AgentPresence,
    ApiToken,
    AuditEntry,
    IdempotencyKey,
    User,
    WebSession,
)
from app.service.records.retention import (
    FieldTicket,
    OfferStock,
    OfferTrial,
    RetentionCase,
    TicketStep,
)

__all__ = [
    "AgentPresence",
    "AnswerHit",
    "ApiToken",
    "AuditEntry",
    "Call",
    "CallEvent",
    "Callback",
    "CardFate",
    "Customer",
    "CustomerPhone",
    "DialogVersion",
    "Disclosure",
    "FaultGuide",
    "FieldTicket",
    "Grid",
    "IdempotencyKey",
    "KnowledgeEdit",
    "KnowledgeEmbedding",
    "KnowledgeJob",
    "KnowledgeText",
    "KnowledgeVersion",
    "LearningItem",
    "OfferStock",
    "OfferTrial",
    "Outage",
    "Plan",
    "RetentionCase",
    "RobotTalk",
    "ShadowDifference",
    "ShortMessage",
    "Task",
    "TicketStep",
    "User",
    "Utterance",
    "Voicemail",
    "WebSession",
]
