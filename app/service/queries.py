"""What pages and programs read: a Protocol, and the shapes that it answers with."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from app.domain.callback import Draft
from app.domain.offer import Measured
from app.service import records
from app.service.handlers.state_json import load_draft


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
class CallRow:
    call: records.Call
    customer: records.Customer | None
    agent: records.User | None
    case: records.RetentionCase | None


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A household with all that the agent looks at."""

    customer: records.Customer
    plan: records.Plan
    grid: records.Grid
    technician: records.User | None
    phones: Sequence[str]
    contacts: Sequence[records.Call]
    tickets: Sequence[records.FieldTicket]
    trials: Sequence[records.OfferTrial]
    voicemails: Sequence[records.Voicemail] = ()
    messages: Sequence[records.ShortMessage] = ()


@dataclass(frozen=True, slots=True)
class CallView:
    """Everything about one call."""

    call: records.Call
    agent: records.User | None
    customer: CustomerView | None
    candidates: Sequence[records.Customer]
    utterances: Sequence[records.Utterance]
    events: Sequence[records.CallEvent]
    case: records.RetentionCase | None
    trials: Sequence[records.OfferTrial]
    tickets: Sequence[records.FieldTicket]
    voicemail: records.Voicemail | None
    disclosures: Sequence[records.Disclosure] = ()
    guides: Sequence[records.FaultGuide] = ()
    outage: records.Outage | None = None
    messages: Sequence[records.ShortMessage] = ()
    fates: Sequence[records.CardFate] = ()
    success: Mapping[str, Measured] = field(default_factory=dict)
    sold_out: frozenset[str] = frozenset()
    plans: Sequence[records.Plan] = ()
    robot: records.RobotTalk | None = None


@dataclass(frozen=True, slots=True)
class TaskRow:
    task: records.Task
    customer: records.Customer | None


@dataclass(frozen=True, slots=True)
class AgentRow:
    user: records.User
    presence: records.AgentPresence | None


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: records.FieldTicket
    grid: records.Grid
    technician: records.User | None
    customer: records.Customer | None


@dataclass(frozen=True, slots=True)
class VoicemailRow:
    voicemail: records.Voicemail
    customer: records.Customer | None
    claimed_by: records.User | None


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """``points`` of domain.callback.rank."""

    callback: records.Callback
    customer: records.Customer | None
    claimed_by: records.User | None
    points: int

    @property
    def draft(self) -> Draft | None:
        return load_draft(self.callback.draft_json)


@dataclass(frozen=True, slots=True)
class TicketFilter:
    technician_id: int | None = None
    state: str = ""
    kind: str = ""
    limit: int = 100


class Queries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def user_by_name(self, name: str) -> records.User | None: ...
    def user(self, user_id: int) -> records.User | None: ...
    def agents(self) -> Sequence[AgentRow]: ...
    def calls(self, wanted: CallFilter) -> Sequence[CallRow]: ...
    def agent(self, user_id: int) -> AgentRow | None:
        """One agent with their presence; None for anybody else."""
        ...

    def call(self, call_id: str) -> CallView | None: ...
    def call_again(
        self, view: CallView, changed: frozenset[str], said: Collection[int]
    ) -> CallView:
        """The same call, with what these kinds of records hold read again; of what was said
        only the utterances ``said``, or all where it is empty."""
        ...

    def current_call(self, agent_id: int) -> str | None:
        """The call that the agent's presence names."""
        ...

    def utterance(self, utterance_id: int) -> records.Utterance | None: ...
    def customer(self, customer_id: int) -> CustomerView | None: ...
    def find_customers(self, text: str, limit: int = 20) -> Sequence[records.Customer]: ...
    def tickets(self, wanted: TicketFilter) -> Sequence[TicketRow]: ...
    def ticket(self, ticket_id: int) -> tuple[TicketRow, Sequence[records.TicketStep]] | None: ...
    def voicemails(self, limit: int = 100) -> Sequence[VoicemailRow]: ...
    def voicemail(self, voicemail_id: int) -> VoicemailRow | None: ...
    def plans(self) -> Sequence[records.Plan]: ...
    def grids(self) -> Sequence[records.Grid]: ...
    def session_user(self, token_hash: str, now: datetime) -> records.User | None: ...
    def token_role(self, token_hash: str) -> str | None: ...
    def outages(self) -> Sequence[tuple[records.Outage, records.Grid]]:
        """Those that last, by grid."""
        ...

    def tasks(self, agent_id: int) -> Sequence[TaskRow]:
        """An agent's open tasks, the most urgent first."""
        ...

    def tasks_open(self, agent_id: int) -> int: ...
    def voicemails_open(self) -> int:
        """Voice messages that nobody has settled."""
        ...

    def day(self, agent_id: int, since: datetime) -> Sequence[records.Call]:
        """An agent's calls since a moment, newest first."""
        ...

    def callbacks(self, limit: int = 200) -> Sequence[CallbackRow]:
        """Who waits for a call, the most urgent first."""
        ...

    def callbacks_waiting(self, now: datetime) -> tuple[int, int]:
        """How many wait for a call, and for how many the promised time has passed."""
        ...

    def closed_callbacks(self, limit: int = 30) -> Sequence[CallbackRow]: ...
    def robot_figures(self, since: datetime) -> Sequence[tuple[str, str, str, int]]:
        """Conversations by task, outcome (empty: hung up) and place, with their number."""
        ...

    def dialog_versions(self, limit: int = 20) -> Sequence[records.DialogVersion]:
        """The newest first."""
        ...

    def stock(self) -> Sequence[records.OfferStock]: ...
    def card_figures(self, since: datetime) -> Mapping[str, Mapping[str, int]]:
        """By family of intents: how many cards had which fate (``shown`` is all of them)."""
        ...

    def waiting(self) -> int:
        """How many callers wait for an agent."""
        ...
