"""What is stored: plain records, mapped to tables by the adapters. Times are aware UTC.

Money is in fen. ``*_json`` hold JSON text of the domain state beside the columns that are searched.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass
class User:
    """Somebody who may log in. ``line`` is the SIP address of an agent's phone."""

    name: str
    display_name: str
    role: str
    password_hash: str
    line: str = ""
    active: bool = True
    id: int | None = None


@dataclass
class WebSession:
    token_hash: str
    user_id: int
    created_at: datetime
    expires_at: datetime


@dataclass
class ApiToken:
    token_hash: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None
    id: int | None = None


@dataclass
class AgentPresence:
    """``state`` is a value of domain.presence.Presence; ``since`` decides who is longest idle."""

    user_id: int
    state: str
    since: datetime
    call_id: str | None = None


@dataclass
class Grid:
    name: str
    technician_id: int | None = None
    id: int | None = None


@dataclass
class Plan:
    code: str
    name: str
    monthly_fen: int
    download_mbps: int
    contract_months: int
    penalty_percent: int


@dataclass
class Customer:
    """A household: ``since`` is the first day of service, ``id_last4`` for the light check."""

    name: str
    account_no: str
    address: str
    estate: str
    grid_id: int
    plan_code: str
    since: date
    expires_on: date
    box_model: str
    smart_card: str
    id_last4: str
    status: str = "active"
    arrears_fen: int = 0
    points: int = 0
    notes: str = ""
    id: int | None = None


@dataclass
class CustomerPhone:
    """One number of a household; several households may share a number."""

    phone: str
    customer_id: int
    id: int | None = None


@dataclass
class Call:
    """One call. ``heard_caller`` and ``heard_agent`` are frames already transcribed."""

    id: str
    bridge: str
    sip_call_id: str
    caller: str
    called: str
    started_at: datetime
    phase: str
    state_json: str
    customer_id: int | None = None
    agent_id: int | None = None
    intent: str = ""
    answered_at: datetime | None = None
    talked_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    disposition: str = ""
    note: str = ""
    summary_draft: str = ""
    recording: str = ""
    recording_error: str = ""
    frames: int = 0
    heard_caller: int = 0
    heard_agent: int = 0


@dataclass
class CallEvent:
    """One line of a call's time line."""

    call_id: str
    at: datetime
    kind: str
    detail: str = ""
    id: int | None = None


@dataclass
class Utterance:
    """What one side said; times are milliseconds from the start of the recording."""

    call_id: str
    side: str
    start_ms: int
    end_ms: int
    text: str
    words_json: str
    confidence: float
    intent: str = ""
    action: str = ""
    understanding_json: str = ""
    id: int | None = None


@dataclass
class RetentionCase:
    """A case and its machine's state; ``phase``, ``kind`` and ``reason`` repeat it for search."""

    call_id: str
    opened_at: datetime
    phase: str
    kind: str
    state_json: str
    customer_id: int | None = None
    agent_id: int | None = None
    reason: str = ""
    evidence_json: str = "[]"
    closed_at: datetime | None = None
    id: int | None = None


@dataclass
class OfferTrial:
    """An offer put to a customer: a time line that would stand up in a complaint."""

    case_id: int
    offer: str
    shown_at: datetime
    outcome: str = "shown"
    customer_id: int | None = None
    answered_at: datetime | None = None
    id: int | None = None


@dataclass
class Disclosure:
    """A statement that must be said in a call. ``why``: offer:CODE or a situation; ``binding``:
    what it belongs to was sold or is being changed; ``state`` of domain.disclosure."""

    call_id: str
    code: str
    why: str
    state: str
    required_at: datetime
    binding: bool = False
    at: datetime | None = None
    utterance_id: int | None = None
    id: int | None = None


@dataclass
class FaultGuide:
    """Guided fault finding in a call; ``outcome``: solved or ticket, empty while it goes on."""

    call_id: str
    tree: str
    state_json: str
    started_at: datetime
    outcome: str = ""
    ended_at: datetime | None = None
    id: int | None = None


@dataclass
class ShortMessage:
    """An SMS on its way. ``state``: queued, sent or failed (after the last attempt)."""

    phone: str
    text: str
    template: str
    created_at: datetime
    next_at: datetime
    by: str
    state: str = "queued"
    attempts: int = 0
    call_id: str | None = None
    sent_at: datetime | None = None
    error: str = ""
    id: int | None = None


@dataclass
class Outage:
    """A known fault of a whole grid: callers of it hear of it at once."""

    grid_id: int
    text: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None = None
    id: int | None = None


@dataclass
class Task:
    """Something to do after a call. ``kind``: repair, promise or callback; ``state``: open,
    done or dropped."""

    kind: str
    text: str
    phone: str
    created_at: datetime
    due_at: datetime
    agent_id: int | None = None
    call_id: str | None = None
    customer_id: int | None = None
    state: str = "open"
    done_at: datetime | None = None
    note: str = ""
    id: int | None = None


@dataclass
class FieldTicket:
    number: str
    kind: str
    state: str
    address: str
    phone: str
    grid_id: int
    created_at: datetime
    due_at: datetime
    created_by: str
    customer_id: int | None = None
    case_id: int | None = None
    call_id: str | None = None
    technician_id: int | None = None
    reason: str = ""
    offers: str = ""
    promise: str = ""
    brief: str = ""
    outcome_reason: str = ""
    closed_at: datetime | None = None
    id: int | None = None


@dataclass
class TicketStep:
    ticket_id: int
    at: datetime
    event: str
    by: str
    note: str = ""
    id: int | None = None


@dataclass
class Voicemail:
    """A voice message: a stretch of a call's recording, transcribed."""

    call_id: str
    caller: str
    received_at: datetime
    start_ms: int
    end_ms: int
    customer_id: int | None = None
    text: str = ""
    intent: str = ""
    state: str = "new"
    claimed_by: int | None = None
    done_at: datetime | None = None
    note: str = ""
    id: int | None = None


@dataclass
class AuditEntry:
    at: datetime
    who: str
    action: str
    subject: str
    detail: str = ""
    id: int | None = None


@dataclass
class IdempotencyKey:
    """A click that was carried out; the same key again answers with the same result."""

    key: str
    at: datetime
    result: str


@dataclass
class KnowledgeVersion:
    """A version of the knowledge base; its texts are in KnowledgeText.

    ``origin``: files, workshop, import or restore; ``revision`` counts the edits of a draft.
    """

    phase: str
    origin: str
    created_at: datetime
    created_by: str
    based_on: int | None = None
    revision: int = 0
    risky: bool = False
    shadow: bool = False
    shadow_seen: int = 0
    note: str = ""
    published_at: datetime | None = None
    published_by: str = ""
    fingerprint: str = ""
    id: int | None = None


@dataclass
class KnowledgeText:
    """One file of a version."""

    version_id: int
    name: str
    text: str
    id: int | None = None


@dataclass
class KnowledgeEmbedding:
    """The trained embedding of a version (``numpy.savez``)."""

    version_id: int
    data: bytes


@dataclass
class KnowledgeEdit:
    """Who changed what in a draft."""

    version_id: int
    at: datetime
    who: str
    action: str
    subject: str
    id: int | None = None


@dataclass
class KnowledgeJob:
    """A check, a test or a training of a version; ``progress`` in percent."""

    version_id: int
    revision: int
    kind: str
    started_at: datetime
    started_by: str
    state: str = "running"
    progress: int = 0
    detail: str = ""
    result_json: str = ""
    ended_at: datetime | None = None
    id: int | None = None


@dataclass
class LearningItem:
    """An utterance that was not answered, or that an agent corrected; numbers are masked.

    ``source``: unanswered or corrected; ``state``: open, learned or dismissed.
    """

    at: datetime
    source: str
    text: str
    heard: str
    heard_faq: str = ""
    wanted: str = ""
    wanted_faq: str = ""
    call_id: str | None = None
    utterance_id: int | None = None
    reported_by: str = ""
    state: str = "open"
    settled_by: str = ""
    settled_at: datetime | None = None
    id: int | None = None


@dataclass
class AnswerHit:
    """An entry that was found for an utterance of a caller; ``rank`` from 0."""

    at: datetime
    entry: str
    utterance_id: int
    rank: int
    score: float
    id: int | None = None


@dataclass
class ShadowDifference:
    """Where a draft would have decided otherwise than the published version."""

    version_id: int
    at: datetime
    text: str
    live_json: str
    draft_json: str
    utterance_id: int | None = None
    id: int | None = None
