"""Reads of commands and of programs, over SQLite or PostgreSQL with SQLAlchemy."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Engine, literal, select
from sqlalchemy.orm import Session

from app.adapters.db.calls.tables import calls, rehearings
from app.adapters.db.engine import read_only
from app.adapters.db.households.phones import behind_phone
from app.adapters.db.households.tables import customers, short_messages
from app.adapters.db.people.tables import users
from app.adapters.db.queue.tables import agent_presence
from app.adapters.db.reads import rows
from app.adapters.db.retention.tables import offer_trials
from app.domain.calls.phone_number import PhoneNumber
from app.domain.calls.rehearing import HEARD_WITHIN, RehearingState
from app.domain.households.short_message import MessageState
from app.domain.queue.presence import STAFFED, Presence
from app.service.calls.records import Call, Rehearing
from app.service.households.records import Customer, ShortMessage
from app.service.queue.records import AgentPresence

R = TypeVar("R")


class SqlReadSession:
    """See the ReadSession port."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.session: Session

    def _opened(self) -> Session:
        """A new session. Not by a ``sessionmaker``: each of those makes a class of its own."""
        return Session(read_only(self._engine), expire_on_commit=False, autoflush=False)

    def __enter__(self) -> Self:
        self.session = self._opened()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        # Detached first, so that what was read stays readable after the transaction.
        self.session.expunge_all()
        self.session.rollback()
        self.session.close()

    def get(self, record: type[R], key: object) -> R | None:
        return self.session.get(record, key)

    def find(self, record: type[R], **equal: object) -> Sequence[R]:
        return rows(self.session, record, **equal)

    def customers_by_phone(
        self, phone: PhoneNumber | None, area_code: str = ""
    ) -> Sequence[Customer]:
        if phone is None:
            return []
        return self.session.scalars(behind_phone(phone, area_code)).all()

    def ready_agents(self) -> Sequence[AgentPresence]:
        return self.session.scalars(self._ready()).all()

    @staticmethod
    def _ready() -> Any:
        p, u = agent_presence.c, users.c
        return (
            select(AgentPresence)
            .join(users, u.id == p.user_id)
            .where(p.state == Presence.READY, u.line != "", u.active)
            .order_by(p.since, p.user_id)
        )

    def staffed_agents(self) -> Sequence[AgentPresence]:
        query = select(AgentPresence).where(agent_presence.c.state.in_(sorted(STAFFED)))
        return self.session.scalars(query).all()

    def calls_in(self, phases: Sequence[str]) -> Sequence[Call]:
        c = calls.c
        query = select(Call).where(c.phase.in_(phases)).order_by(c.started_at, c.id)
        return self.session.scalars(query).all()

    def grid_of_address(self, address: str) -> int | None:
        c = customers.c
        named = literal(address).contains(c.estate)
        query = select(c.grid_id).where(c.estate != "", named).limit(1)
        return self.session.scalar(query)

    def offers_made(self, customer_id: int) -> Sequence[str]:
        c = offer_trials.c
        return self.session.scalars(select(c.offer).where(c.customer_id == customer_id)).all()

    def is_message_due(self, now: datetime) -> bool:
        return self.session.scalars(self._due(now).limit(1)).first() is not None

    def is_rehearing_due(self, now: datetime) -> bool:
        return self.session.scalars(self._rehearings(now).limit(1)).first() is not None

    @staticmethod
    def _rehearings(now: datetime) -> Any:
        c = rehearings.c
        return (
            select(Rehearing)
            .where(c.state == RehearingState.WAITING, c.next_at <= now)
            .where(c.ended_at > now - HEARD_WITHIN)
            .where(c.claimed_until.is_(None) | (c.claimed_until <= now))
            .order_by(c.day.desc(), c.ended_at, c.call_id)
        )

    @staticmethod
    def _due(now: datetime) -> Any:
        c = short_messages.c
        return (
            select(ShortMessage)
            .where(c.state == MessageState.QUEUED, c.next_at <= now)
            .where(c.claimed_until.is_(None) | (c.claimed_until <= now))
            .order_by(c.next_at, c.id)
        )
