"""Call-backs: noted by messages and by the robot, merged by number and household, closed when the
caller rings again and reaches somebody."""

from dataclasses import replace
from datetime import UTC, datetime

from app.domain.callbacks import callback as machine
from app.domain.callbacks import voicemail
from app.domain.callbacks.callback import (
    Callback,
    CallbackEvent,
    CallbackState,
    TicketDraft,
    merged,
)
from app.domain.callbacks.voicemail import VoicemailEvent, VoicemailState
from app.domain.ids import CallbackId
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.service.callbacks.commands import OpenDraftedTicket, StepCallback
from app.service.callbacks.records import Callback as CallbackRecord
from app.service.callbacks.records import Voicemail
from app.service.callbacks.voicemail_state import keep as keep_voicemail
from app.service.calls.records import Call
from app.service.command import handles
from app.service.context import Context
from app.service.field import handlers as tickets
from app.service.field.commands import OpenTicket
from app.service.field.records import FieldTicket
from app.service.lookup import require
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
    row.text = " / ".join(filter(None, (row.text, text)))
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


@handles(OpenDraftedTicket)
def open_drafted_ticket(
    command: OpenDraftedTicket, uow: UnitOfWork, context: Context
) -> CallbackId:
    """Raises Refused where it is somebody else's or opened already, Invalid where it lacks
    something."""
    row = require(uow, CallbackRecord, command.callback_id, lock=True)
    draft = row.draft
    if not command.actor.is_user(row.claimed_by) or row.call_id is None:
        raise Refused(RefusalCode.CALLBACK_STATE, "claim the call-back first")
    if draft is None or draft.number:
        raise Refused(
            RefusalCode.CALLBACK_DRAFT, "there is no draft to open, or it was opened already"
        )
    wanted = OpenTicket(
        row.call_id, draft.kind, command.address.strip(),
        command.phone.strip() or row.caller, command.promise, command.brief,
        actor=command.actor,
    )  # fmt: skip
    ticket = require(uow, FieldTicket, tickets.open_ticket(wanted, uow, context))
    row.draft_json = dump(replace(draft, number=ticket.number))
    uow.notify(Notice(NoticeKind.CALLBACK, row.call_id, command.actor.id or 0))
    return command.callback_id


def rang_back(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The caller has reached somebody, or was reached by the one who claimed it."""
    for row in _waiting(uow, call.party_number, call.customer_id) if call.party_number else ():
        mine = row.state == CallbackState.CLAIMED and row.claimed_by == call.agent_id
        _keep(row, CallbackEvent.REACHED if mine else CallbackEvent.RANG_BACK, context)
        uow.notify(Notice(NoticeKind.CALLBACK, call.id))


def _keep(row: CallbackRecord, event: CallbackEvent, context: Context) -> None:
    """One event through the machine. Raises Refused; nothing else moves a call-back."""
    after = machine.step(Callback(CallbackState(row.state), row.attempts), event)
    now = context.clock.now()
    row.state, row.attempts = after.state, after.attempts
    if after.state in machine.CLOSED:
        row.closed_at = now
    elif event is CallbackEvent.NO_ANSWER:
        row.next_at = machine.next_attempt(after.attempts, now)


@handles(StepCallback)
def step_callback(command: StepCallback, uow: UnitOfWork, context: Context) -> CallbackId:
    """Raises Refused where somebody else has it, Invalid for an unknown outcome."""
    row = require(uow, CallbackRecord, command.callback_id, lock=True)
    try:
        event = CallbackEvent(command.event)
    except ValueError:
        raise Invalid(RefusalCode.CALLBACK_EVENT, f"unknown outcome {command.event!r}") from None
    if event is CallbackEvent.RANG_BACK:
        raise Invalid(RefusalCode.CALLBACK_EVENT, "only a call closes it that way")
    if row.claimed_by is not None and not command.actor.is_user(row.claimed_by):
        raise Refused(RefusalCode.CLAIMED, "another agent rings this caller back")
    _keep(row, event, context)
    row.claimed_by = command.actor.id if row.state != CallbackState.OPEN else None
    row.note = command.note.strip() or row.note
    if row.call_id is not None and row.state == CallbackState.DONE:
        _settle_messages(uow, context, row)
    uow.notify(Notice(NoticeKind.CALLBACK, row.call_id or "", command.actor.id or 0))
    return command.callback_id


def _settle_messages(uow: UnitOfWork, context: Context, row: CallbackRecord) -> None:
    """The messages behind it are settled with it."""
    for message in uow.find(Voicemail, caller=row.caller):
        settled = VoicemailEvent.DONE in voicemail.allowed(VoicemailState(message.state))
        if settled and message.customer_id == row.customer_id:
            keep_voicemail(message, VoicemailEvent.DONE, context, row.claimed_by, row.note)
