"""One transaction over SQLite or PostgreSQL with SQLAlchemy."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Engine, delete, event
from sqlalchemy.orm import Session

from app.adapters.db.numbers import next_number
from app.adapters.db.queue.tables import agent_presence
from app.adapters.db.read_session import SqlReadSession
from app.adapters.db.tables import table_of
from app.service.calls.records import Rehearing
from app.service.households.records import ShortMessage
from app.service.notices import Notice
from app.service.queue.records import AgentPresence

R = TypeVar("R")


class Publish(Protocol):
    def __call__(self, *notices: Notice) -> None: ...


class _WriteSession(Session):
    """Remembers which kinds of records its transaction wrote, for the notices about it."""

    @property
    def written(self) -> set[str]:
        kinds: set[str] = self.info.setdefault("written", set())
        return kinds


@event.listens_for(_WriteSession, "after_flush")
def _remember(session: _WriteSession, _: object) -> None:
    for record in (*session.new, *session.dirty, *session.deleted):
        session.written.add(type(record).__name__)


class SqlUnitOfWork(SqlReadSession):
    """See the UnitOfWork port. ``publish`` gets all its notices after the commit."""

    session: _WriteSession

    def __init__(self, engine: Engine, publish: Publish) -> None:
        super().__init__(engine)
        self._publish = publish
        self._notices: list[Notice] = []

    def _opened(self) -> _WriteSession:
        return _WriteSession(self._engine, expire_on_commit=False)

    def __enter__(self) -> Self:
        self._notices = []
        return super().__enter__()

    def commit(self) -> None:
        self.session.commit()
        notices, self._notices = self._notices, []
        parts = frozenset(self.session.written)
        if notices:
            self._publish(*(replace(notice, parts=parts) for notice in notices))

    def notify(self, notice: Notice) -> None:
        self._notices.append(notice)

    def add(self, record: object) -> None:
        self.session.add(record)

    def flush(self) -> None:
        self.session.flush()

    def get(self, record: type[R], key: object, *, lock: bool = False) -> R | None:
        return self.session.get(record, key, with_for_update=lock or None)

    def ready_agents(self) -> Sequence[AgentPresence]:
        query = self._ready().with_for_update(of=agent_presence, skip_locked=True)
        return self.session.scalars(query).all()

    def next_number(self, sequence: str) -> int:
        return next_number(self.session, sequence)

    def claimable_messages(self, now: datetime, limit: int) -> list[ShortMessage]:
        query = self._due(now).limit(limit).with_for_update(skip_locked=True)
        return list(self.session.scalars(query))

    def claimable_rehearing(self, now: datetime) -> Rehearing | None:
        query = self._rehearings(now).limit(1).with_for_update(skip_locked=True)
        found: Rehearing | None = self.session.scalars(query).first()
        return found

    def remove(self, record: type[Any], **equal: object) -> int:
        self.session.written.add(record.__name__)
        table = table_of(record)
        where = [table.c[name] == value for name, value in equal.items()]
        result = self.session.execute(delete(table).where(*where))
        return int(result.rowcount)  # type: ignore[attr-defined]
