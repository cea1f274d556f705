"""Lists of many lines beside a working hotline, on both databases."""

import csv
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, select

from app.adapters.db import tables as t
from app.adapters.db.customer_import import CustomerImport
from app.domain.households.customer_row import CustomerRow, check_row
from app.settings import ROOT
from tests.contract.conftest import Shop

LINES, AT_ONCE = 60_000, 5000


def _row(number: int, plan: str, grid: str) -> CustomerRow:
    checked = check_row({
        "account_no": f"X{number:07d}", "name": f"户{number}", "phones": f"139{number:08d}",
        "address": f"海景花园{number}", "grid": grid, "plan": plan, "since": "2020-01-01",
        "expires_on": "2030-01-01", "smart_card": str(number * 7919 % 10**10),
    })
    assert checked.row is not None
    return checked.row


class Writer(threading.Thread):
    """Another one who writes: a small transaction after the other, the longest wait kept."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(daemon=True)
        self._shop, self._stop_now = shop, threading.Event()
        self.longest_s = 0.0

    def run(self) -> None:
        entry = {"at": self._shop.clock.now(), "who": "x", "action": "x", "subject": "x"}
        while not self._stop_now.wait(0.005):
            began = time.monotonic()
            with self._shop.engine.begin() as connection:
                connection.execute(insert(t.audit_entries).values(**entry))
            self.longest_s = max(self.longest_s, time.monotonic() - began)

    def end(self) -> None:
        self._stop_now.set()
        self.join()


def _count(shop: Shop) -> int:
    c = t.customers.c.account_no
    with shop.engine.connect() as connection:
        query = select(func.count()).where(c.startswith("X"))
        return int(connection.scalar(query) or 0)


def test_nobody_waits_long_for_a_long_list(shop: Shop) -> None:
    plan, grid = shop.queries.plans()[0].code, shop.queries.grids()[0].name
    rows = [_row(n, plan, grid) for n in range(LINES)]
    alone = Writer(shop)
    alone.start()
    time.sleep(1)
    alone.end()
    beside = Writer(shop)
    beside.start()
    began = time.monotonic()
    job = CustomerImport(shop.engine)
    for at in range(0, LINES, AT_ONCE):
        job.write(rows[at : at + AT_ONCE])
    longest_staging_s = beside.longest_s
    assert _count(shop) == 0
    job.commit()
    whole_s = time.monotonic() - began
    job.close()
    beside.end()
    assert _count(shop) == LINES and (job.added, job.changed) == (LINES, 0)
    assert longest_staging_s < max(1.0, 20 * alone.longest_s)
    assert beside.longest_s < 0.6 * whole_s
    again = CustomerImport(shop.engine)
    again.write(rows[:AT_ONCE])
    again.commit()
    again.close()
    assert (again.added, again.changed) == (0, AT_ONCE)


def test_the_same_numbers_twice_change_nothing_and_gone_ones_go(shop: Shop) -> None:
    plan, grid = shop.queries.plans()[0].code, shop.queries.grids()[0].name
    before = _row(1, plan, grid)
    for phones in (("13900000001", "053188886666"), ("13900000002",)):
        job = CustomerImport(shop.engine)
        changed = CustomerRow(**{
            **{n: getattr(before, n) for n in CustomerRow.__dataclass_fields__}, "phones": phones,
        })
        job.write([changed])
        job.commit()
        job.close()
        (customer,) = shop.queries.find_customers("X0000001")
        view = shop.queries.customer(customer.id or 0)
        assert view is not None and tuple(view.phones) == phones


def _imported(job: CustomerImport, rows: list[CustomerRow]) -> tuple[int, int]:
    try:
        job.write(rows)
        job.commit()
        return job.added, job.changed
    finally:
        job.close()


class Raced(CustomerImport):
    """Somebody else adds the second of the list's customers, between comparing and taking over."""

    others: Shop
    rows: list[CustomerRow]

    def _compare(self) -> tuple[Any, ...]:
        compared_with = super()._compare()
        if self.rows:
            _imported(CustomerImport(self.others.engine), [self.rows.pop()])
        return compared_with


def test_what_came_while_the_list_was_compared_is_not_there_twice(shop: Shop) -> None:
    plan, grid = shop.queries.plans()[0].code, shop.queries.grids()[0].name
    rows = [_row(n, plan, grid) for n in range(2)]
    job = Raced(shop.engine)
    job.others, job.rows = shop, rows[1:]
    assert _imported(job, rows) == (1, 1) and _count(shop) == 2
    for row in rows:
        (customer,) = shop.queries.find_customers(row.account_no)
        view = shop.queries.customer(customer.id or 0)
        assert view is not None and tuple(view.phones) == row.phones


def test_what_changed_is_written_and_nothing_else(shop: Shop) -> None:
    """Of name, grid and numbers, each alone; a grid that the import makes too."""
    plan, (one, other) = shop.queries.plans()[0].code, [g.name for g in shop.queries.grids()[:2]]
    before = [_row(n, plan, one) for n in range(5)]
    assert _imported(CustomerImport(shop.engine), before) == (5, 0)
    after = [
        before[0], replace(before[1], name="新名"), replace(before[2], grid=other),
        replace(before[3], phones=("13000000001",)), replace(before[4], grid="新网格"),
    ]  # fmt: skip
    written: list[str] = []

    def note(_: Any, cursor: Any, statement: str, *__: Any) -> None:
        if re.match(r"(UPDATE|DELETE FROM|INSERT INTO) customer", statement) and cursor.rowcount > 0:
            written.extend([statement.split(maxsplit=1)[0]] * cursor.rowcount)

    event.listen(shop.engine, "after_cursor_execute", note)
    job = CustomerImport(shop.engine)
    job.add_grid("新网格")
    assert _imported(job, after) == (0, 5)
    event.remove(shop.engine, "after_cursor_execute", note)
    assert sorted(written) == ["DELETE", "INSERT", "UPDATE", "UPDATE", "UPDATE"]
    for row in after:
        (customer,) = shop.queries.find_customers(row.account_no)
        view = shop.queries.customer(customer.id or 0)
        assert view is not None and (customer.name, tuple(view.phones)) == (row.name, row.phones)
        assert {g.id: g.name for g in shop.queries.grids()}[customer.grid_id] == row.grid


def test_a_list_that_says_nothing_new_holds_nobody_up(shop: Shop) -> None:
    """It is compared before the lock: processor time, which other work on the machine does not lengthen."""
    if shop.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL compares in a process of its own, and locks rows alone")
    plan, grid = shop.queries.plans()[0].code, shop.queries.grids()[0].name
    rows = [_row(n, plan, grid) for n in range(AT_ONCE)]
    assert _imported(CustomerImport(shop.engine), rows) == (AT_ONCE, 0)
    job = CustomerImport(shop.engine)
    job.write(rows)
    locked_at: list[float] = []

    @event.listens_for(shop.engine, "begin")
    def _locked(connection: Connection) -> None:
        if not connection.get_execution_options().get("read_only"):
            locked_at.append(time.thread_time())

    began = time.thread_time()
    job.commit()
    ended = time.thread_time()
    event.remove(shop.engine, "begin", _locked)
    job.close()
    assert len(locked_at) == 1 and ended - locked_at[0] < 0.3 * (ended - began)


@pytest.mark.parametrize("after_s", [0.6, 1.2, 2.0, 3.0])
def test_a_killed_import_leaves_nothing_or_all(shop: Shop, tmp_path: Path, after_s: float) -> None:
    """Killed from the moment on when it begins to read the list."""
    path = tmp_path / "list.csv"
    plan, grid = shop.queries.plans()[0].code, shop.queries.grids()[0].name
    lines = 20_000
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["户号", "户名", "电话", "地址", "网格", "套餐", "开户日期", "到期日期"])
        writer.writerows([f"X{n:07d}", f"户{n}", f"139{n:08d}", "海景花园", grid, plan, "2020-01-01",
                          "2030-01-01"] for n in range(lines))
    url = shop.engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "HOLDLINE_HOME": str(tmp_path), "HOLDLINE_DATABASE_URL": url}
    command = [sys.executable, "-m", "app", "customers", "import", str(path)]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True,
                          stdout=subprocess.DEVNULL) as verb:
        assert verb.stderr is not None
        verb.stderr.readline()
        time.sleep(after_s / 4)
        verb.send_signal(signal.SIGKILL)
    assert _count(shop) in (0, lines)
    job = CustomerImport(shop.engine)
    job.write([_row(lines + 1, plan, grid)])
    job.commit()
    job.close()
    assert _count(shop) in (1, lines + 1)
