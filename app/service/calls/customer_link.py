"""Which household a call belongs to."""

from app.domain.calls.log_kind import CallLogKind
from app.service.calls.commands import LinkCustomer
from app.service.calls.records import CallEvent
from app.service.context import Context
from app.service.households.records import Customer
from app.service.lookup import own_call, require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention.records import RetentionCase


def link_customer(command: LinkCustomer, uow: UnitOfWork, context: Context) -> None:
    """Several households may call from one number: the agent says which."""
    call = own_call(uow, command.call_id, command.actor)
    customer = require(uow, Customer, command.customer_id)
    call.customer_id = customer.id
    for case in uow.find(RetentionCase, call_id=call.id):
        case.customer_id = customer.id
    now, linked = context.clock.now(), CallLogKind.CUSTOMER_LINKED
    uow.add(CallEvent(call_id=call.id, at=now, kind=linked, detail=customer.account_no))
    uow.notify(Notice(NoticeKind.CALL, call.id, command.actor.id or 0))
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))
