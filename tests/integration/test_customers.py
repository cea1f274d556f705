"""Customer lists: both encodings, workbooks, faults line by line, all or nothing, on both databases."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import Row, create_engine, select

from app.adapters.db import tables as t
from app.bootstrap.store import child_environment, open_store
from app.service.households.records import Plan
from app.settings import ROOT, Settings

HEADINGS = ["客户编号", "户名", "联系电话", "地址", "小区", "网格", "套餐", "开户日期", "到期日期", "机顶盒", "智能卡号", "身份证后四位", "状态", "欠费", "积分", "备注"]
GOOD = ["SH900001", "王小明", "13900000001；0752-2345678", "海景花园1栋101", "海景花园", "新网格", "百兆宽带", "2019/3/5", "2027年5月1日",
        "SH-8100", "8001", "123x", "在用", "¥12.5", "100", "老人"]


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path: Path, postgres_url: str) -> dict[str, str]:
    url = f"sqlite:///{tmp_path}/x.db" if request.param == "sqlite" else postgres_url
    environment = {**child_environment(Settings(home=tmp_path)), "HOLDLINE_HOME": str(tmp_path), "HOLDLINE_DATABASE_URL": url}
    store = open_store(Settings(home=tmp_path, database_url=url))
    with store.unit_of_work() as uow:
        if uow.get(Plan, "bb-100") is None:
            uow.add(Plan(code="bb-100", name="百兆宽带", monthly_fen=4900, download_mbps=100, contract_months=12, penalty_percent=30))
        uow.commit()
    store.engine.dispose()
    return environment


def _import(home: dict[str, str], *arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "app", "customers", "import", *map(str, arguments)], cwd=ROOT, env=home,
                          check=False, capture_output=True, text=True, timeout=120)


def _write(path: Path, rows: list[list[str]], encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out).writerows(rows)
    return path


def _customers(home: dict[str, str], prefix: str = "SH9") -> dict[str, tuple[Row[Any], list[str]]]:
    """Customer and telephone numbers, by account."""
    engine = create_engine(home["HOLDLINE_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        rows = connection.execute(select(t.customers).where(t.customers.c.account_no.startswith(prefix))).all()
        phones = connection.execute(select(t.customer_phones.c.phone, t.customer_phones.c.customer_id)).all()
    engine.dispose()
    return {r.account_no: (r, sorted(p.phone for p in phones if p.customer_id == r.id)) for r in rows}


def test_a_list_in_gbk_is_imported_and_brought_up_to_date(home: dict[str, str], tmp_path: Path) -> None:
    path = _write(tmp_path / "c.csv", [HEADINGS, GOOD], "gb18030")
    refused = _import(home, path)
    assert refused.returncode == 1 and "line 2, 网格: no grid '新网格'" in refused.stderr
    tried = _import(home, path, "--new-grids", "--dry-run")
    assert tried.returncode == 0 and "1 would be added" in tried.stdout and not _customers(home)
    done = _import(home, path, "--new-grids")
    assert done.returncode == 0 and "1 added, 0 changed" in done.stdout, done.stderr
    row, phones = _customers(home)["SH900001"]
    assert (row.name, row.arrears_fen, row.id_last4, str(row.since), row.plan_code) == ("王小明", 1250, "123X", "2019-03-05", "bb-100")
    assert phones == ["07522345678", "13900000001"]
    changed = [*GOOD[:2], "13900000002", *GOOD[3:12], "报停", *GOOD[13:]]
    again = _import(home, _write(tmp_path / "d.csv", [HEADINGS, changed]))
    assert "0 added, 1 changed" in again.stdout, again.stderr
    row, phones = _customers(home)["SH900001"]
    assert row.status == "suspended" and phones == ["13900000002"]


def test_every_fault_is_named_and_nothing_is_half_loaded(home: dict[str, str], tmp_path: Path) -> None:
    def with_(column: int, value: str) -> list[str]:
        return [*GOOD[:column], value, *GOOD[column + 1:]]

    rows = [HEADINGS, [*with_(0, "SH900050")], with_(0, ""), with_(2, "电话"), with_(7, "2019-13-05"), with_(6, "万兆"), with_(13, "很多"),
            with_(12, "不知道"), with_(0, "SH900050"), with_(14, "1.5"), with_(11, "12345")]
    refused = _import(home, _write(tmp_path / "bad.csv", rows), "--new-grids")
    assert refused.returncode == 1 and not _customers(home, "SH900050")
    for line, what in ((3, "客户编号"), (4, "电话"), (5, "开户日期"), (6, "套餐"), (7, "欠费"), (8, "状态"), (9, "is in line 2"), (10, "积分"),
                       (11, "身份证")):
        assert any(f"line {line}," in said and what in said for said in refused.stderr.splitlines()), (line, refused.stderr)
    assert "9 faults in 10 lines: nothing is imported" in refused.stderr


def test_columns_by_another_name_and_files_that_are_none(home: dict[str, str], tmp_path: Path) -> None:
    odd = [h.replace("户名", "主人") for h in HEADINGS]
    path = _write(tmp_path / "odd.csv", [odd, [*GOOD[:0], "SH900060", *GOOD[1:]]])
    refused = _import(home, path, "--new-grids")
    assert refused.returncode == 1 and "no column for name (户名)" in refused.stderr and "--map" in refused.stderr
    assert _import(home, path, "--new-grids", "--map", "name=主人").returncode == 0
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["SH900061", *GOOD[1:]])
    book.save(tmp_path / "c.xlsx")
    assert _import(home, tmp_path / "c.xlsx", "--new-grids").returncode == 0
    assert {"SH900060", "SH900061"} <= set(_customers(home))
    (tmp_path / "no.xlsx").write_bytes(b"PK not a workbook")
    (tmp_path / "none.csv").write_text("")
    for name, why in (("no.xlsx", "is no workbook"), ("none.csv", "is empty"), ("gone.csv", "cannot be read")):
        refused = _import(home, tmp_path / name)
        assert refused.returncode == 1 and why in refused.stderr and "Traceback" not in refused.stderr, refused.stderr
    assert _import(home, path, "--map", "x").returncode == 1
