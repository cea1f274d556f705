"""Short messages: queued with the command, sent by an adapter, tried again for a while."""

from datetime import timedelta

from app.domain.ids import ShortMessageId
from app.domain.refusal import Invalid, NotFound
from app.service.calls.records import Call, CallEvent
from app.service.command import handles
from app.service.context import Context
from app.service.field.records import FieldTicket
from app.service.households.commands import SendMessage, SettleMessage
from app.service.households.records import Customer, ShortMessage
from app.service.lookup import own_call, require
from app.service.ports import Notice, UnitOfWork
from app.service.retention.calculators import yuan

#: Waits before the second and third attempt.
RETRY_AFTER = (timedelta(seconds=30), timedelta(minutes=5))
_SHORTEST_PHONE, _LONGEST = 5, 500


@handles(SendMessage)
def send_message(command: SendMessage, uow: UnitOfWork, context: Context) -> ShortMessageId:
    """Raises Refused for somebody else's call, NotFound for no template, Invalid for no number."""
    call = own_call(uow, command.call_id, command.actor)
    template = context.content.current().scripts["sms"].get(command.template)
    if template is None:
        raise NotFound("sms_template", f"no template {command.template!r}")
    phone = "".join(filter(str.isdigit, command.phone or call.caller))
    if len(phone) < _SHORTEST_PHONE:
        raise Invalid("sms_phone", "the message needs a number to go to")
    now = context.clock.now()
    text = str(template["text"]).format(**_values(uow, call))[:_LONGEST]
    by = command.actor.display_name
    message = ShortMessage(phone, text, command.template, now, now, by, call_id=call.id)
    uow.add(message)
    uow.flush()
    uow.add(CallEvent(call.id, now, "sms_queued", command.template))
    uow.notify(Notice("sms", call.id, command.actor.id or 0))
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


@handles(SettleMessage)
def settle_message(command: SettleMessage, uow: UnitOfWork, context: Context) -> None:
    """Sent, or tried again later, or given up after the last attempt."""
    message = require(uow, ShortMessage, command.message_id, lock=True)
    if message.state != "queued":
        return
    now = context.clock.now()
    message.attempts += 1
    message.error = command.error[:200]
    if not command.error:
        message.state, message.sent_at = "sent", now
    elif message.attempts > len(RETRY_AFTER):
        message.state = "failed"
    else:
        message.next_at = now + RETRY_AFTER[message.attempts - 1]
    if message.state != "queued":
        uow.notify(Notice("sms", message.call_id or ""))
