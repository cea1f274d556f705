"""Writes customer lists: staged apart, compared apart, then taken over in one short transaction.

The staging tables are temporary: filling them locks nobody out, and they vanish with the
connection, so that an import that is killed leaves nothing behind, whenever it is killed. What is
to be done is found out before the transaction that does it: others wait for what changes, however
long the list is.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    Engine,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from app.adapters.db import tables as t
from app.domain.households.customer_row import CustomerRow
from app.service.away import StorageAway

_OWN = ("name", "address", "estate", "since", "expires_on", "box_model", "smart_card",
        "id_last4", "status", "arrears_fen", "points", "notes")  # fmt: skip
_WRITTEN = (*_OWN, "plan_code")
_CACHE_KB = 256 * 1024
_WHOLE, _DAYS = ("arrears_fen", "points"), ("since", "expires_on")


def _kind(name: str) -> Any:
    return Integer if name in _WHOLE else Date if name in _DAYS else Text


_staging = MetaData()
_rows = Table(
    "staged_customers", _staging, Column("account_no", String(32), primary_key=True),
    Column("grid", Text), Column("plan_code", Text), *(Column(n, _kind(n)) for n in _OWN),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_phones = Table(
    "staged_phones", _staging, Column("account_no", String(32), primary_key=True),
    Column("phone", String(32), primary_key=True), Column("place", Integer), prefixes=["TEMPORARY"],
)  # fmt: skip
#: What is to be done.
_new = Table(
    "new_customers", _staging, Column("account_no", String(32), primary_key=True),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_changed = Table(
    "changed_customers", _staging, Column("customer_id", Integer, primary_key=True),
    prefixes=["TEMPORARY"],
)  # fmt: skip
_new_phones = Table(
    "new_phones", _staging, Column("account_no", String(32), primary_key=True),
    Column("phone", String(32), primary_key=True), Column("place", Integer), prefixes=["TEMPORARY"],
)  # fmt: skip
_gone_phones = Table(
    "gone_phones", _staging, Column("phone_id", Integer, primary_key=True),
    prefixes=["TEMPORARY"],
)  # fmt: skip


class ImportFailedError(Exception):
    """The database took nothing; the text says why."""


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, StorageAway) as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ImportFailedError(f"the database took nothing: {why}") from None


class CustomerImport:
    """One import. Nothing is visible before ``commit``; leaving without it undoes everything."""

    def __init__(self, engine: Engine) -> None:
        # read_only: SQLite is not locked while temporary tables are filled
        self._connection: Connection = engine.connect().execution_options(read_only=True)
        if engine.dialect.name == "sqlite":
            # the indices of a long list fit in: pages are not written again and again
            self._connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KB}")
            self._connection.rollback()
        with self._connection.begin():
            _staging.create_all(self._connection, checkfirst=False)
            grids = self._connection.execute(select(t.grids.c.name)).scalars()
            self.grids = set(grids)
            plans = self._connection.execute(select(t.plans)).all()
        self.plans = {row.code: row.code for row in plans} | {row.name: row.code for row in plans}
        self._new_grids: list[str] = []
        self.added = self.changed = 0

    def add_grid(self, name: str) -> None:
        self.grids.add(name)
        self._new_grids.append(name)

    def write(self, rows: Sequence[CustomerRow]) -> None:
        """Stage customers; their account numbers differ from all that were staged before."""
        phones = [
            {"account_no": row.account_no, "phone": phone, "place": place}
            for row in rows
            for place, phone in enumerate(row.phones)
        ]
        with _told(), self._connection.begin():
            self._connection.execute(insert(_rows), [self._values(row) for row in rows])
            self._connection.execute(insert(_phones), phones)
            self._count()

    def _count(self) -> None:
        """How many would be added and changed as things stand."""
        c = t.customers.c
        known = select(func.count()).select_from(_rows).where(c.account_no == _rows.c.account_no)
        self.changed = int(self._connection.scalar(known) or 0)
        staged = self._connection.scalar(select(func.count()).select_from(_rows)) or 0
        self.added = int(staged) - self.changed

    def _values(self, row: CustomerRow) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in _OWN}, "account_no": row.account_no,
            "grid": row.grid, "plan_code": self.plans[row.plan],
        }  # fmt: skip

    def commit(self) -> None:
        """Take over what is staged: by account number new ones are added, known ones brought up to
        date. What is the same already is not touched: each row written is a moment for others."""
        with _told(), self._connection.begin():
            compared_with = self._compare()
        self._connection.execution_options(read_only=False)
        with _told(), self._connection.begin():
            if self._newest() != compared_with:
                self._compare()
            self._make_grids()
            for change in (_update(), _drop_phones(), _insert(), _add_phones()):
                self._connection.execute(change)

    def _compare(self) -> tuple[Any, ...]:
        """Find out what is to be done; answers with what was the newest then.

        What somebody else changes between this and the taking over stays as they changed it, where
        the list says what was there before: as if the list had come first.
        """
        for todo in (_new, _changed, _new_phones, _gone_phones):
            self._connection.execute(delete(todo))
        for found in (_find_new(), _find_changed(), _find_new_phones(), _find_gone_phones()):
            self._connection.execute(found)
        self._count()
        return self._newest()

    def _newest(self) -> tuple[Any, ...]:
        """The last customer and number: another one of either may be in the list."""
        newest = select(
            select(func.max(t.customers.c.id)).scalar_subquery(),
            select(func.max(t.customer_phones.c.id)).scalar_subquery(),
        )
        return tuple(self._connection.execute(newest).one())

    def _make_grids(self) -> None:
        known = set(self._connection.execute(select(t.grids.c.name)).scalars())
        new = [{"name": n, "technician_id": None} for n in self._new_grids if n not in known]
        if new:
            self._connection.execute(insert(t.grids), new)

    def close(self) -> None:
        """Undo what was not committed. The connection ends, and the staging tables with it."""
        self._connection.invalidate()
        self._connection.close()


def _grid_ids() -> Any:
    g = t.grids.c
    return select(g.name, func.min(g.id).label("id")).group_by(g.name).subquery("by_name")


def _find_new() -> Any:
    """Customers of the list that are not known."""
    known = exists().where(t.customers.c.account_no == _rows.c.account_no)
    return insert(_new).from_select(["account_no"], select(_rows.c.account_no).where(~known))


def _find_changed() -> Any:
    """Known customers of which the list says something else; a grid may be new too."""
    c, s, grid = t.customers.c, _rows.c, _grid_ids()
    differs = or_(
        grid.c.id.is_(None), c.grid_id != grid.c.id, *(c[name] != s[name] for name in _WRITTEN)
    )
    found = (
        select(c.id)
        .select_from(_rows)
        .join(t.customers, c.account_no == s.account_no)
        .outerjoin(grid, grid.c.name == s.grid)
        .where(differs)
    )
    return insert(_changed).from_select(["customer_id"], found)


def _find_new_phones() -> Any:
    c, k, p = t.customers.c, t.customer_phones.c, _phones.c
    known = exists().where(c.account_no == p.account_no, k.customer_id == c.id, k.phone == p.phone)
    new = select(p.account_no, p.phone, p.place).where(~known)
    return insert(_new_phones).from_select(["account_no", "phone", "place"], new)


def _find_gone_phones() -> Any:
    """Numbers of listed households that are not in the list any more."""
    c, k, s, p = t.customers.c, t.customer_phones.c, _rows.c, _phones.c
    still = exists().where(p.account_no == s.account_no, p.phone == k.phone)
    gone = (
        select(k.id)
        .select_from(_rows)
        .join(t.customers, c.account_no == s.account_no)
        .join(t.customer_phones, k.customer_id == c.id)
        .where(~still)
    )
    return insert(_gone_phones).from_select(["phone_id"], gone)


def _update() -> Any:
    c, s, grid = t.customers.c, _rows.c, _grid_ids()
    values = {name: s[name] for name in _WRITTEN} | {"grid_id": grid.c.id}
    return (
        update(t.customers)
        .where(c.id.in_(select(_changed.c.customer_id)), s.account_no == c.account_no)
        .where(grid.c.name == s.grid)
        .values(values)
    )


def _insert() -> Any:
    s, grid = _rows.c, _grid_ids()
    names = [*_WRITTEN, "account_no"]
    new: Select[Any] = (
        select(*(s[name] for name in names), grid.c.id)
        .where(s.account_no == _new.c.account_no, grid.c.name == s.grid)
        .order_by(s.account_no)
    )
    return insert(t.customers).from_select([*names, "grid_id"], new, include_defaults=False)


def _drop_phones() -> Any:
    return delete(t.customer_phones).where(t.customer_phones.c.id.in_(select(_gone_phones)))


def _add_phones() -> Any:
    c, p = t.customers.c, _new_phones.c
    new: Select[Any] = (
        select(p.phone, c.id).where(c.account_no == p.account_no).order_by(p.account_no, p.place)
    )
    return insert(t.customer_phones).from_select(
        ["phone", "customer_id"], new, include_defaults=False
    )
