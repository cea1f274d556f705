"""Reads of the queue and presence."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.adapters.db.calls.tables import calls
from app.adapters.db.people.tables import users
from app.adapters.db.queue.tables import agent_presence
from app.adapters.db.reads import SqlReads
from app.domain.calls.machine import Phase
from app.domain.people.permission import Permission, roles_with
from app.service.people.records import User
from app.service.queue.queries import AgentRow
from app.service.queue.records import AgentPresence


class SqlQueueQueries(SqlReads):
    """SQL behind the port QueueQueries: agents and who waits."""

    def agents(self) -> Sequence[AgentRow]:
        query = (
            select(User, AgentPresence)
            .outerjoin(agent_presence, agent_presence.c.user_id == users.c.id)
            .where(users.c.role.in_(roles_with(Permission.TAKE_CALLS)), users.c.active)
            .order_by(users.c.name)
        )
        with self._session() as session:
            return [AgentRow(*row) for row in session.execute(query)]

    def agent(self, user_id: int) -> AgentRow | None:
        query = (
            select(User, AgentPresence)
            .outerjoin(agent_presence, agent_presence.c.user_id == users.c.id)
            .where(users.c.id == user_id, users.c.active)
            .where(users.c.role.in_(roles_with(Permission.TAKE_CALLS)))
        )
        with self._session() as session:
            row = session.execute(query).first()
            return AgentRow(*row) if row is not None else None

    def current_call(self, agent_id: int) -> str | None:
        with self._session() as session:
            presence = session.get(AgentPresence, agent_id)
            return presence.call_id if presence is not None else None

    def waiting(self) -> int:
        query = select(func.count()).where(calls.c.phase == Phase.QUEUED)
        with self._session() as session:
            return int(session.scalar(query) or 0)
