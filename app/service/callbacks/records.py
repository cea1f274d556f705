"""Voice messages, call-backs and tasks."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.callbacks.callback import TicketDraft
from app.service.state_codec import load


@dataclass(kw_only=True)
class Task:
    """Something to do after a call. ``kind``: repair, promise or callback; ``state`` of
    domain.callbacks.task."""

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


@dataclass(kw_only=True)
class Voicemail:
    """A voice message: a stretch of a call's recording, transcribed. ``state`` of
    domain.callbacks.voicemail; ``first_text`` is what stood here before it was heard again."""

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
    first_text: str = ""
    id: int | None = None


@dataclass(kw_only=True)
class Callback:
    """Somebody who is to be rung back.

    ``state`` and ``draft_json`` (TicketDraft) are of domain.callbacks.callback. There is one open
    entry for a number and household; ``messages`` says how often they asked. ``first_text`` is
    what stood here before a message was heard again.
    """

    caller: str
    source: str
    created_at: datetime
    next_at: datetime
    state: str = "open"
    intent: str = ""
    text: str = ""
    messages: int = 1
    attempts: int = 0
    due_at: datetime | None = None
    call_id: str | None = None
    customer_id: int | None = None
    claimed_by: int | None = None
    note: str = ""
    closed_at: datetime | None = None
    draft_json: str = ""
    first_text: str = ""
    id: int | None = None

    @property
    def draft(self) -> TicketDraft | None:
        """The ticket that the caller asked for, as far as it was said."""
        return load(TicketDraft, self.draft_json) if self.draft_json else None
