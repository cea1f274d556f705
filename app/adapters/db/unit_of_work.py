"""One transaction over SQLite or PostgreSQL with SQLAlchemy."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sqlalchemy import Engine, create_engine, delete, event, func, literal, select
from sqlalchemy.orm import Session, sessionmaker

from app.adapters.db import tables, word_index
from app.domain.queue.presence import STAFFED, Presence
from app.service.calls.records import Call
from app.service.households.records import Customer, ShortMessage
from app.service.queue.records import AgentPresence

if TYPE_CHECKING:
    # the ports name what the language does: a verb that adds a user need not wait for that
    from app.service.ports import Notice

R = TypeVar("R")


def make_engine(url: str) -> Engine:
    """An engine for a database URL; SQLite gets WAL, foreign keys and immediate transactions."""
    if tables.map_records():
        word_index.follow()
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later would fail when another wrote between.
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class SqlUnitOfWork:
    """See the UnitOfWork port. ``publish`` is called with each notice after the commit."""

    def __init__(self, engine: Engine, publish: "Callable[[Notice], None]") -> None:
        self._sessions = sessionmaker(engine, expire_on_commit=False)
        self._publish = publish
        self._notices: list[Notice] = []
        self.session: Session

    def __enter__(self) -> Self:
        self.session = self._sessions()
        self._notices = []
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        # Detached first, so that what was read stays readable after the transaction.
        self.session.expunge_all()
        self.session.rollback()
        self.session.close()

    def commit(self) -> None:
        self.session.commit()
        notices, self._notices = self._notices, []
        for notice in notices:
            self._publish(notice)

    def notify(self, notice: "Notice") -> None:
        self._notices.append(notice)

    def add(self, record: object) -> None:
        self.session.add(record)

    def flush(self) -> None:
        self.session.flush()

    def get(self, record: type[R], key: object, *, lock: bool = False) -> R | None:
        return self.session.get(record, key, with_for_update=lock or None)

    def find(self, record: type[R], **equal: object) -> Sequence[R]:
        table = tables.table_of(record)
        query = select(record).filter_by(**equal).order_by(*table.primary_key.columns)
        return self.session.scalars(query).all()

    def customers_by_phone(self, phone: str) -> Sequence[Customer]:
        c, p = tables.customers.c, tables.customer_phones.c
        query = (
            select(Customer)
            .join(tables.customer_phones, p.customer_id == c.id)
            .where(p.phone == phone)
            .order_by(c.id)
        )
        return self.session.scalars(query).all()

    def ready_agents(self) -> Sequence[AgentPresence]:
        p, u = tables.agent_presence.c, tables.users.c
        query = (
            select(AgentPresence)
            .join(tables.users, u.id == p.user_id)
            .where(p.state == Presence.READY, u.line != "", u.active)
            .order_by(p.since, p.user_id)
            .with_for_update(of=tables.agent_presence, skip_locked=True)
        )
        return self.session.scalars(query).all()

    def staffed_agents(self) -> Sequence[AgentPresence]:
        query = select(AgentPresence).where(tables.agent_presence.c.state.in_(sorted(STAFFED)))
        return self.session.scalars(query).all()

    def calls_in(self, phases: Sequence[str]) -> Sequence[Call]:
        c = tables.calls.c
        query = select(Call).where(c.phase.in_(phases)).order_by(c.started_at, c.id)
        return self.session.scalars(query).all()

    def tickets_of_day(self, prefix: str) -> int:
        column = tables.field_tickets.c.number
        query = select(func.count()).where(column.startswith(prefix, autoescape=True))
        return int(self.session.scalar(query) or 0)

    def customers_of_day(self, prefix: str) -> int:
        column = tables.customers.c.account_no
        query = select(func.count()).where(column.startswith(prefix, autoescape=True))
        return int(self.session.scalar(query) or 0)

    def grid_of_address(self, address: str) -> int | None:
        c = tables.customers.c
        named = literal(address).contains(c.estate)
        query = select(c.grid_id).where(c.estate != "", named).limit(1)
        return self.session.scalar(query)

    def messages_due(self, now: datetime, limit: int) -> list[ShortMessage]:
        due = tables.short_messages.c.next_at
        query = (
            select(ShortMessage)
            .filter_by(state="queued")
            .where(due <= now)
            .order_by(due)
            .limit(limit)
        )
        return list(self.session.scalars(query))

    def remove(self, record: type[Any], **equal: object) -> int:
        table = tables.table_of(record)
        where = [table.c[name] == value for name, value in equal.items()]
        result = self.session.execute(delete(table).where(*where))
        return int(result.rowcount)  # type: ignore[attr-defined]

    def offers_made(self, customer_id: int) -> Sequence[str]:
        t = tables.offer_trials.c
        return self.session.scalars(select(t.offer).where(t.customer_id == customer_id)).all()
