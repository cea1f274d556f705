"""What pages and programs read of messages and call-backs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.callbacks.callback import TicketDraft
from app.service.callbacks.records import Callback, Task, Voicemail
from app.service.households.records import Customer
from app.service.people.records import User


@dataclass(frozen=True, slots=True)
class TaskRow:
    task: Task
    customer: Customer | None


@dataclass(frozen=True, slots=True)
class VoicemailRow:
    voicemail: Voicemail
    customer: Customer | None
    claimed_by: User | None


@dataclass(frozen=True, slots=True)
class CallbackRow:
    """``points`` of domain.callbacks.callback.rank."""

    callback: Callback
    customer: Customer | None
    claimed_by: User | None
    points: int

    @property
    def draft(self) -> TicketDraft | None:
        return self.callback.draft


class CallbackQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def voicemails(self, limit: int = 100) -> Sequence[VoicemailRow]: ...

    def voicemail(self, voicemail_id: int) -> VoicemailRow | None: ...

    def voicemails_open(self) -> int:
        """Voice messages that nobody has settled."""
        ...

    def tasks_open(self, agent_id: int) -> int: ...

    def tasks(self, agent_id: int) -> Sequence[TaskRow]:
        """An agent's open tasks, the most urgent first."""
        ...

    def callbacks(self, limit: int = 200) -> Sequence[CallbackRow]:
        """Who waits for a call, the most urgent first."""
        ...

    def callbacks_waiting(self, now: datetime) -> tuple[int, int]:
        """How many wait for a call, and for how many the promised time has passed."""
        ...

    def closed_callbacks(self, limit: int = 30) -> Sequence[CallbackRow]: ...
