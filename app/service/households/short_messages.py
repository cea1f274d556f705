"""Short messages: queued with the command, sent by an adapter, tried again for a while."""

from datetime import timedelta

from app.domain.calls.log_kind import CallLogKind
from app.domain.households import short_message as machine
from app.domain.households.short_message import MessageEvent, MessageState
from app.domain.ids import ShortMessageId
from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.service.calls.records import Call, CallEvent
from app.service.command import handles
from app.service.context import Context
from app.service.field.records import FieldTicket
from app.service.households.commands import ClaimMessage, Outgoing, SendMessage, SettleMessage
from app.service.households.records import Customer, ShortMessage
from app.service.lookup import own_call, require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention.calculators import yuan

#: Longer than a gateway is waited for; after it another brain may send the message.
LEASE = timedelta(seconds=90)
_SHORTEST_PHONE, _LONGEST = 5, 500


@handles(SendMessage)
def send_message(command: SendMessage, uow: UnitOfWork, context: Context) -> ShortMessageId:
    """Raises Refused for somebody else's call, NotFound for no template, Invalid for no number."""
    call = own_call(uow, command.call_id, command.actor)
    template = context.content.current().scripts["sms"].get(command.template)
    if template is None:
        raise NotFound(RefusalCode.SMS_TEMPLATE, f"no template {command.template!r}")
    phone = context.phone(command.phone or call.party_number)
    if phone is None or len(phone.number) < _SHORTEST_PHONE:
        raise Invalid(RefusalCode.SMS_PHONE, "the message needs a number to go to")
    now = context.clock.now()
    text = str(template["text"]).format(**_values(uow, call))[:_LONGEST]
    by = command.actor.display_name
    message = ShortMessage(
        phone=str(phone),
        text=text,
        template=command.template,
        created_at=now,
        next_at=now,
        by=by,
        call_id=call.id,
    )
    uow.add(message)
    uow.flush()
    uow.add(
        CallEvent(call_id=call.id, at=now, kind=CallLogKind.SMS_QUEUED, detail=command.template)
    )
    uow.notify(Notice(NoticeKind.SMS, call.id, command.actor.id or 0))
    assert message.id is not None  # noqa: S101  flushed
    return ShortMessageId(message.id)


def _values(uow: UnitOfWork, call: Call) -> dict[str, str]:
    customer = require(uow, Customer, call.customer_id) if call.customer_id else None
    tickets = uow.find(FieldTicket, call_id=call.id)
    return {
        "name": customer.name if customer else "",
        "account": customer.account_no if customer else "",
        "arrears": yuan(customer.arrears_fen) if customer else "0",
        "promise": tickets[-1].promise if tickets else "",
    }


@handles(ClaimMessage)
def claim_message(command: ClaimMessage, uow: UnitOfWork, context: Context) -> Outgoing | None:
    """Two brains never send the same message: one that is claimed is left to its brain."""
    now = context.clock.now()
    for message in uow.claimable_messages(now, 1):
        message.claimed_until = now + LEASE
        assert message.id is not None  # noqa: S101  stored
        return Outgoing(ShortMessageId(message.id), message.phone, message.text)
    return None


@handles(SettleMessage)
def settle_message(command: SettleMessage, uow: UnitOfWork, context: Context) -> None:
    """Sent, or tried again later, or given up after the last attempt."""
    message = require(uow, ShortMessage, command.message_id, lock=True)
    event = MessageEvent.NOT_TAKEN if command.error else MessageEvent.TAKEN
    if event not in machine.allowed(MessageState(message.state)):
        return
    _keep(message, event, context)
    message.error = command.error[:200]
    if message.state != MessageState.QUEUED:
        uow.notify(Notice(NoticeKind.SMS, message.call_id or ""))


def _keep(row: ShortMessage, event: MessageEvent, context: Context) -> None:
    """One event through the machine. Raises Refused; nothing else moves a message."""
    now = context.clock.now()
    before = machine.ShortMessage(row.next_at, MessageState(row.state), row.attempts)
    after = machine.step(before, event, now)
    row.state, row.attempts, row.next_at = after.state, after.attempts, after.next_at
    row.sent_at = now if after.state is MessageState.SENT else None
    row.claimed_until = None
