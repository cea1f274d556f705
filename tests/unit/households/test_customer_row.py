"""One line of a customer list: every column has its limit, every fault its words."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.households.customer_row import (
    HEADINGS,
    LONGEST,
    RowError,
    check_row,
    columns_of,
)

GOOD = {
    "account_no": "SH900001", "name": "王小明", "phones": "13900000001", "address": "海景花园1栋101",
    "grid": "海滨网格", "plan": "百兆宽带", "since": "2019/3/5", "expires_on": "2027年5月1日",
}


def test_the_good_line_is_good() -> None:
    assert check_row(GOOD).row is not None


@pytest.mark.parametrize("column", HEADINGS)
def test_every_column_says_how_long_it_may_be(column: str) -> None:
    longer = "1" * (LONGEST[column] + 1)
    checked = check_row({**GOOD, column: longer})
    assert checked.row is None
    wanted = f"expected at most {LONGEST[column]} characters, got {len(longer)}"
    assert checked.faults == [(column, wanted)]
    assert set(LONGEST) == set(HEADINGS)


@pytest.mark.parametrize("column", HEADINGS)
@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "\x1b[31m", "\ud800", "\x7f"])
def test_no_column_takes_what_is_no_text(column: str, odd: str) -> None:
    checked = check_row({**GOOD, column: odd})
    assert [name for name, _ in checked.faults] == [column]


@given(st.sampled_from(sorted(HEADINGS)), st.text(max_size=1200))
def test_any_cell_is_taken_or_told(column: str, text: str) -> None:
    checked = check_row({**GOOD, column: text})
    assert (checked.row is None) == bool(checked.faults)
    assert all(name == column and words for name, words in checked.faults)


@pytest.mark.parametrize(("column", "text"), [
    ("arrears", "1e9"), ("arrears", "NaN"), ("arrears", "Infinity"), ("arrears", "1e999999999"),
    ("arrears", "-1"), ("arrears", "99999999"), ("points", "1.5"), ("points", "²"), ("points", "-1"),
    ("points", "9" * 8 + "x"), ("since", "2024123"), ("since", "2019-13-05"), ("since", "99999"),
    ("since", "0001-01-01"), ("since", "九月"), ("since", "10000-01-01"), ("phones", "1.38E+10"),
    ("phones", "1380013800"), ("phones", "138001380000"), ("phones", "13800138000 转801"),
    ("phones", ""), ("phones", "电话"), ("phones", "../admin"), ("status", "不知道"), ("id_last4", "12x4"),
])
def test_what_cannot_be_is_refused(column: str, text: str) -> None:
    assert [name for name, _ in check_row({**GOOD, column: text}).faults] == [column]


@pytest.mark.parametrize("written", [
    "138 0013 8000", "'13800138000", "\u202d13800138000\u202c", "１３８００１３８０００", "+86 13800138000",
    "0086-138-0013-8000", "013800138000", "tel:13800138000",
])
def test_phones_have_one_form(written: str) -> None:
    row = check_row({**GOOD, "phones": written}).row
    assert row is not None and row.phones == ("13800138000",)


@pytest.mark.parametrize(("written", "numbers"), [
    ("13800138000；0531-88886666", ("13800138000", "053188886666")),
    ("13800138000 13900000002", ("13800138000", "13900000002")),
    ("13800138000或13900000002", ("13800138000", "13900000002")),
    ("(0531)88886666，88886666", ("053188886666",)),
])
def test_several_phones_in_a_cell(written: str, numbers: tuple[str, ...]) -> None:
    row = check_row({**GOOD, "phones": written}, "0531").row
    assert row is not None and row.phones == numbers


@pytest.mark.parametrize(("written", "day"), [
    ("45123", date(2023, 7, 16)), ("2024-01-05T00:00:00", date(2024, 1, 5)),
    ("2024-01-05 00:00:00", date(2024, 1, 5)), ("20240105", date(2024, 1, 5)),
    ("2024.1.5", date(2024, 1, 5)), ("2024年1月5日", date(2024, 1, 5)), ("２０２４－０１－０５", date(2024, 1, 5)),
])
def test_dates_as_people_write_them(written: str, day: date) -> None:
    row = check_row({**GOOD, "since": written}).row
    assert row is not None and row.since == day


def test_two_columns_of_one_name_are_refused() -> None:
    headings = [names[0] for names in HEADINGS.values()]
    assert set(columns_of(headings, {})) == set(HEADINGS)
    with pytest.raises(RowError, match="two columns '户名'"):
        columns_of([*headings, " 户名 "], {})
    with pytest.raises(RowError, match="no column for name"):
        columns_of([h for h in headings if h != "户名"], {})
