"""The call-back list and an agent's tasks, as screens show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.domain.callbacks.callback import TicketDraft
from app.domain.due import overdue
from app.service.callbacks.queries import CallbackRow, TaskRow
from app.service.callbacks.records import Callback
from app.service.households.records import Customer


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackLine:
    """Somebody who waits: ``late`` past the promised time, ``resting`` until the next try;
    ``mine``: the viewer has taken it."""

    callback: Callback
    customer: Customer | None
    claimed_by: str
    points: int
    draft: TicketDraft | None
    late: bool
    resting: bool
    mine: bool

    @property
    def open(self) -> bool:
        """Anybody may take it."""
        return self.callback.state == "open"

    @property
    def ticket_waits(self) -> bool:
        """The viewer may complete and open the drafted ticket."""
        return self.mine and self.draft is not None and not self.draft.number

    @property
    def address(self) -> str:
        """Where the ticket goes: what was named, else where the customer lives."""
        named = self.draft.address if self.draft is not None else ""
        return named or (self.customer.address if self.customer is not None else "")

    @property
    def phone(self) -> str:
        return (self.draft.phone if self.draft is not None else "") or self.callback.caller


def callback_lines(
    rows: Iterable[CallbackRow], viewer_id: int | None, now: datetime
) -> tuple[CallbackLine, ...]:
    return tuple(
        CallbackLine(
            callback=row.callback, customer=row.customer, points=row.points, draft=row.draft,
            claimed_by=row.claimed_by.display_name if row.claimed_by is not None else "",
            late=overdue(row.callback.due_at, now), resting=row.callback.next_at > now,
            mine=row.claimed_by is not None and row.claimed_by.id == viewer_id,
        )
        for row in rows
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """A task of an agent; ``late``: past its time."""

    row: TaskRow
    late: bool


def task_lines(rows: Iterable[TaskRow], now: datetime) -> tuple[TaskLine, ...]:
    return tuple(TaskLine(row=row, late=overdue(row.task.due_at, now)) for row in rows)
