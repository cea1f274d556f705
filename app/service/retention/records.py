"""Cases, offers, and what must be said."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.retention.case import CaseState
from app.language.understanding.understood import Evidence
from app.service.state_codec import load


@dataclass(kw_only=True)
class Disclosure:
    """A statement that must be said in a call. ``why``: offer:CODE or a situation; ``binding``:
    what it belongs to was sold or is being changed; ``state`` of domain.retention.disclosure."""

    call_id: str
    code: str
    why: str
    state: str
    required_at: datetime
    binding: bool = False
    at: datetime | None = None
    utterance_id: int | None = None
    id: int | None = None


@dataclass(kw_only=True)
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

    @property
    def state(self) -> CaseState:
        return load(CaseState, self.state_json)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Why the caller's words were taken for a wish to stop."""
        return load(tuple[Evidence, ...], self.evidence_json)


@dataclass(kw_only=True)
class OfferTrial:
    """An offer put to a customer: a time line that would stand up in a complaint."""

    case_id: int
    offer: str
    shown_at: datetime
    outcome: str = "shown"
    customer_id: int | None = None
    answered_at: datetime | None = None
    id: int | None = None


@dataclass(kw_only=True)
class OfferStock:
    """How many of what an offer hands over are left; items without a row never run out."""

    item: str
    left: int
    changed_at: datetime
    changed_by: str
