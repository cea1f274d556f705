"""What pages and programs read of calls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from app.domain.retention.offer import Measured
from app.service.callbacks.records import Voicemail
from app.service.calls.records import Call, CallEvent, CardFate, Rehearing, Utterance
from app.service.field.records import FaultGuide, FieldTicket, Outage
from app.service.households.queries import CustomerView
from app.service.households.records import Customer, Plan, ShortMessage
from app.service.people.records import User
from app.service.retention.records import Disclosure, OfferTrial, RetentionCase
from app.service.robot.records import RobotTalk


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Empty fields do not filter. ``intent`` matches a family or a whole intent."""

    agent_id: int | None = None
    intent: str = ""
    first_day: date | None = None
    last_day: date | None = None
    text: str = ""
    before: datetime | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True)
class CorrectedUtterance:
    """One of which a person says what was said, and when its call began."""

    utterance: Utterance
    started_at: datetime


@dataclass(frozen=True, slots=True)
class CallRow:
    call: Call
    customer: Customer | None
    agent: User | None
    case: RetentionCase | None


@dataclass(frozen=True, slots=True)
class CallView:
    """Everything about one call."""

    call: Call
    agent: User | None
    customer: CustomerView | None
    candidates: Sequence[Customer]
    utterances: Sequence[Utterance]
    events: Sequence[CallEvent]
    case: RetentionCase | None
    trials: Sequence[OfferTrial]
    tickets: Sequence[FieldTicket]
    voicemail: Voicemail | None
    disclosures: Sequence[Disclosure] = ()
    guides: Sequence[FaultGuide] = ()
    outage: Outage | None = None
    messages: Sequence[ShortMessage] = ()
    fates: Sequence[CardFate] = ()
    success: Mapping[str, Measured] = field(default_factory=dict)
    sold_out: frozenset[str] = frozenset()
    plans: Sequence[Plan] = ()
    robot: RobotTalk | None = None
    rehearing: Rehearing | None = None


class CallQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def calls(self, wanted: CallFilter) -> Sequence[CallRow]: ...

    def call(self, call_id: str) -> CallView | None: ...

    def call_again(
        self, view: CallView, changed: frozenset[str], said: Collection[int]
    ) -> CallView:
        """The same call, with what these kinds of records hold read again; of what was said
        only the utterances ``said``, or all where it is empty."""
        ...

    def utterance(self, utterance_id: int) -> Utterance | None: ...

    def corrected_words(self, since: datetime, limit: int) -> Sequence[CorrectedUtterance]:
        """Utterances whose words a person has corrected, the newest first."""
        ...

    def day(self, agent_id: int, since: datetime) -> Sequence[Call]:
        """An agent's calls since a moment, newest first."""
        ...

    def card_figures(self, since: datetime) -> Mapping[str, Mapping[str, int]]:
        """By family of intents: how many cards had which fate (``shown`` is all of them)."""
        ...
