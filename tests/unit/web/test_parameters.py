"""Filters of pages as people edit them: what cannot be counts as not given."""

from datetime import date

import pytest

from app.web.parameters import LARGEST_ID, LARGEST_SEQ, day_or_none, id_or_none, seq_of


@pytest.mark.parametrize("text", ["", " ", "0", "-1", "²", "١٢", "1.5", "x", "\x00", str(10**23), "9" * 10000,
                                  str(LARGEST_ID + 1)])
def test_no_id(text: str) -> None:
    assert id_or_none(text) is None


def test_an_id() -> None:
    assert (id_or_none(" 7 "), id_or_none(str(LARGEST_ID))) == (7, LARGEST_ID)


@pytest.mark.parametrize("text", ["", "0001-01-01", "9999-12-31", "2026-02-30", "x", "\x00", "²", "9" * 50])
def test_no_day(text: str) -> None:
    assert day_or_none(text) is None


def test_a_day() -> None:
    assert day_or_none("2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize(("text", "number"), [("5", 5), ("-5", 0), ("", 0), ("²", 0), ("x", 0), (str(10**23), 0),
                                              (str(LARGEST_SEQ), LARGEST_SEQ), ("9" * 5000, 0)])
def test_a_number_of_the_feed(text: str, number: int) -> None:
    assert seq_of(text) == number
