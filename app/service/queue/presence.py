"""An agent's presence, and what calls do to it, within the transaction of whoever asks."""

from app.domain.queue import presence as machine
from app.domain.queue.presence import Presence
from app.service.context import Context
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.queue.records import AgentPresence


def presence_of(uow: UnitOfWork, user_id: int, context: Context) -> AgentPresence:
    """The agent's presence, offline where none was ever stored; locked for change."""
    found = uow.get(AgentPresence, user_id, lock=True)
    if found is None:
        found = AgentPresence(user_id=user_id, state=Presence.OFFLINE, since=context.clock.now())
        uow.add(found)
        uow.flush()
    return found


def move(
    uow: UnitOfWork, context: Context, user_id: int, event: str, call_id: str | None = None
) -> AgentPresence:
    """Apply an event of the presence machine. Raises Refused where it is not possible."""
    row = presence_of(uow, user_id, context)
    row.state = machine.move(Presence(row.state), event)
    row.since = context.clock.now()
    row.call_id = call_id
    uow.notify(Notice(NoticeKind.PRESENCE, user_id=user_id))
    return row
