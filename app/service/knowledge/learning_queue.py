"""Sentences that wait for somebody to say what they mean."""

from app.service.context import Context
from app.service.knowledge.records import LearningItem
from app.service.lookup import require
from app.service.ports import UnitOfWork


def settle(uow: UnitOfWork, context: Context, item_id: int, who: str, state: str) -> None:
    """Close an item of the queue together with all items that say the same."""
    item = require(uow, LearningItem, item_id)
    for each in uow.find(LearningItem, text=item.text, state="open"):
        each.state, each.settled_by, each.settled_at = state, who, context.clock.now()
