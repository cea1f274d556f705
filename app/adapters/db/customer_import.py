"""Writes customer lists: many rows at once, in one transaction."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, bindparam, delete, insert, select, update

from app.adapters.db import tables as t
from app.domain.households.customer_row import CustomerRow

_AT_ONCE = 5000
_OWN = ("name", "address", "estate", "since", "expires_on", "box_model", "smart_card",
        "id_last4", "status", "arrears_fen", "points", "notes")  # fmt: skip


class CustomerImport:
    """One import. Nothing is visible before ``commit``; leaving without it undoes everything."""

    def __init__(self, engine: Engine) -> None:
        self._connection: Connection = engine.connect()
        self._transaction = self._connection.begin()
        self.grids = {row.name: row.id for row in self._connection.execute(select(t.grids))}
        plans = self._connection.execute(select(t.plans)).all()
        self.plans = {row.code: row.code for row in plans} | {row.name: row.code for row in plans}
        known = select(t.customers.c.account_no, t.customers.c.id)
        self._known = _by_number(self._connection, known)
        self.added = self.changed = 0

    def add_grid(self, name: str) -> None:
        made = self._connection.execute(insert(t.grids).values(name=name, technician_id=None))
        (key,) = made.inserted_primary_key or (0,)
        self.grids[name] = int(key)

    def write(self, rows: Sequence[CustomerRow]) -> None:
        """Customers by account number: new ones are added, known ones brought up to date."""
        new = [row for row in rows if row.account_no not in self._known]
        old = [row for row in rows if row.account_no in self._known]
        if new:
            self._connection.execute(insert(t.customers), [self._values(row) for row in new])
            for part in _parts([row.account_no for row in new], _AT_ONCE // 10):
                c = t.customers.c
                found = select(c.account_no, c.id).where(c.account_no.in_(part))
                self._known |= _by_number(self._connection, found)
        if old:
            self._update(old)
        phones = [{"phone": phone, "customer_id": self._known[row.account_no]}
                  for row in rows for phone in row.phones]  # fmt: skip
        self._connection.execute(insert(t.customer_phones), phones)
        self.added, self.changed = self.added + len(new), self.changed + len(old)

    def _update(self, rows: Sequence[CustomerRow]) -> None:
        values = [{**self._values(row), "key": self._known[row.account_no]} for row in rows]
        names = [*_OWN, "grid_id", "plan_code"]
        change = update(t.customers).where(t.customers.c.id == bindparam("key"))
        self._connection.execute(
            change.values({name: bindparam(name) for name in names}),
            [{k: v for k, v in one.items() if k != "account_no"} for one in values],
        )
        for part in _parts([one["key"] for one in values], _AT_ONCE // 10):
            gone = delete(t.customer_phones).where(t.customer_phones.c.customer_id.in_(part))
            self._connection.execute(gone)

    def _values(self, row: CustomerRow) -> dict[str, Any]:
        return {
            **{name: getattr(row, name) for name in _OWN}, "account_no": row.account_no,
            "grid_id": self.grids[row.grid], "plan_code": self.plans[row.plan],
        }  # fmt: skip

    def commit(self) -> None:
        self._transaction.commit()
        self._connection.close()

    def close(self) -> None:
        """Undo what was not committed."""
        self._connection.close()


def _by_number(connection: Connection, query: Select[Any]) -> dict[str, int]:
    return {str(row.account_no): int(row.id) for row in connection.execute(query)}


def _parts(values: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (values[at : at + size] for at in range(0, len(values), size))
