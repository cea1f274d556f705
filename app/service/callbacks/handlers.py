"""Call-backs: noted by messages and by the robot, merged by number and household, closed when the
caller rings again and reaches somebody."""

from dataclasses import replace

from app.domain.callbacks import voicemail
from app.domain.callbacks.callback import (
    CallbackEvent,
    CallbackState,
)
from app.domain.callbacks.voicemail import VoicemailEvent, VoicemailState
from app.domain.ids import CallbackId
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.service.callbacks.callback_list import keep
from app.service.callbacks.commands import OpenDraftedTicket, StepCallback
from app.service.callbacks.records import Callback as CallbackRecord
from app.service.callbacks.records import Voicemail
from app.service.callbacks.voicemail_state import keep as keep_voicemail
from app.service.command import handles
from app.service.context import Context
from app.service.field import tickets
from app.service.field.commands import OpenTicket
from app.service.field.records import FieldTicket
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.state_codec import dump


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
        call_id=row.call_id, kind=draft.kind, address=command.address.strip(),
        phone=command.phone.strip() or row.caller, promise=command.promise, brief=command.brief,
        actor=command.actor,
    )  # fmt: skip
    ticket = require(uow, FieldTicket, tickets.open_ticket(wanted, uow, context))
    row.draft_json = dump(replace(draft, number=ticket.number))
    uow.notify(Notice(NoticeKind.CALLBACK, row.call_id, command.actor.id or 0))
    return command.callback_id


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
    keep(row, event, context)
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
