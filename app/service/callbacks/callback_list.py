"""The call-back list: who is noted on it, and who has rung back."""

from datetime import UTC, datetime

from app.domain.callbacks import callback as machine
from app.domain.callbacks.callback import (
    Asked,
    Callback,
    CallbackEvent,
    CallbackState,
    TicketDraft,
    joined,
    merged,
    redrafted,
    reworded,
)
from app.service.callbacks.records import Callback as CallbackRecord
from app.service.calls.records import Call
from app.service.context import Context
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.state_codec import dump


def note(
    uow: UnitOfWork, context: Context, call: Call, source: str, text: str,
    due_at: datetime | None = None, draft: TicketDraft | None = None,
) -> None:  # fmt: skip
    """List somebody for a call-back, due when people answer again.

    A caller without a number cannot be listed; one who waits already stays one entry, and the new
    words are added.
    """
    found = context.phone(call.party_number) or context.phone(draft.phone if draft else "")
    if found is None:
        return
    number = found.number
    rows = _waiting(uow, number, call.customer_id)
    row = rows[0] if rows else _new(uow, context, call, number, source)
    if rows:
        row.messages += 1
        row.intent = row.intent if row.intent.startswith("disconnect") else call.intent
    row.text = joined(row.text, text)
    row.due_at = min(filter(None, (row.due_at, due_at)), default=None)
    kept = merged(row.draft, draft)
    row.draft_json = dump(kept) if kept is not None else ""
    uow.notify(Notice(NoticeKind.CALLBACK, call.id))


def _new(uow: UnitOfWork, context: Context, call: Call, number: str, source: str) -> CallbackRecord:
    first = context.hours.next_open(context.clock.local()).astimezone(UTC)
    row = CallbackRecord(
        caller=number,
        source=source,
        created_at=context.clock.now(),
        next_at=first,
        intent=call.intent,
        call_id=call.id,
        customer_id=call.customer_id,
    )
    uow.add(row)
    return row


def _waiting(uow: UnitOfWork, number: str, customer_id: int | None) -> list[CallbackRecord]:
    """The same number *and* the same household: a number may belong to several."""
    rows = uow.find(CallbackRecord, caller=number)
    return [r for r in rows if r.state in machine.WAITING and r.customer_id == customer_id]


def hear_again(uow: UnitOfWork, context: Context, call: Call, before: Asked, after: Asked) -> None:
    """A message says something else now. The words follow while the entry waits; its intent, which
    ranks it, and its ticket only until somebody has taken it."""
    drafts = (before.draft, after.draft)
    numbers = (call.party_number, *(draft.phone for draft in drafts if draft is not None))
    found = next(filter(None, map(context.phone, numbers)), None)
    rows = uow.find(CallbackRecord, caller=found.number) if found is not None else ()
    for row in rows:
        text = reworded(row.text, before.text, after.text)
        same = row.customer_id == call.customer_id or row.call_id == call.id
        if row.state in machine.WAITING and same and text is not None:
            _reword(row, text, before, after)
            uow.notify(Notice(NoticeKind.CALLBACK, call.id, subject_id=row.id or 0))


def _reword(row: CallbackRecord, text: str, before: Asked, after: Asked) -> None:
    row.first_text, row.text = row.first_text or row.text, text
    if row.state != CallbackState.OPEN:
        return
    if row.intent == before.intent:
        row.intent = after.intent
    kept = redrafted(row.draft, before, after)
    row.draft_json = dump(kept) if kept is not None else ""


def rang_back(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The caller has reached somebody, or was reached by the one who claimed it."""
    for row in _waiting(uow, call.party_number, call.customer_id) if call.party_number else ():
        mine = row.state == CallbackState.CLAIMED and row.claimed_by == call.agent_id
        keep(row, CallbackEvent.REACHED if mine else CallbackEvent.RANG_BACK, context)
        uow.notify(Notice(NoticeKind.CALLBACK, call.id))


def keep(row: CallbackRecord, event: CallbackEvent, context: Context) -> None:
    """One event through the machine. Raises Refused; nothing else moves a call-back."""
    after = machine.step(Callback(CallbackState(row.state), row.attempts), event)
    now = context.clock.now()
    row.state, row.attempts = after.state, after.attempts
    if after.state in machine.CLOSED:
        row.closed_at = now
    elif event is CallbackEvent.NO_ANSWER:
        row.next_at = machine.next_attempt(after.attempts, now)
