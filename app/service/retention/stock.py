"""Stock of the items that offers hand over."""

from app.domain.refusal import Invalid, RefusalCode
from app.domain.retention.offer import Offer
from app.service.command import handles
from app.service.context import Context
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention.commands import SetStock
from app.service.retention.records import OfferStock


def sold_out(uow: UnitOfWork) -> frozenset[str]:
    return frozenset(row.item for row in uow.find(OfferStock) if row.left <= 0)


def hand_over(uow: UnitOfWork, context: Context, offer: Offer, who: str) -> None:
    """An accepted offer takes its item from the stock."""
    row = uow.get(OfferStock, offer.item, lock=True) if offer.item else None
    if row is not None:
        row.left, row.changed_at, row.changed_by = row.left - 1, context.clock.now(), who


@handles(SetStock)
def set_stock(command: SetStock, uow: UnitOfWork, context: Context) -> None:
    """Raises Invalid for an item that no offer hands over, or a number below nothing."""
    items = {offer.item for offer in context.content.current().offers if offer.item}
    if command.item not in items or command.left < 0:
        raise Invalid(
            RefusalCode.STOCK, "choose an item of an offer, and how many are left (0 or more)"
        )
    now = context.clock.now()
    row = uow.get(OfferStock, command.item, lock=True)
    if row is None:
        uow.add(
            OfferStock(
                item=command.item,
                left=command.left,
                changed_at=now,
                changed_by=command.actor.display_name,
            )
        )
    else:
        row.left, row.changed_at, row.changed_by = command.left, now, command.actor.display_name
    uow.notify(Notice(NoticeKind.STOCK))
