"""Opening hours."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from app.domain.queue.hours import OpeningHours, parse_span
from app.domain.refusal import Invalid

TODAY = date(2026, 11, 22)


def test_opening_hours() -> None:
    hours = OpeningHours.daily("08:00-22:00")
    assert hours.is_open(datetime(2026, 11, 22, 8, 0))
    assert not hours.is_open(datetime(2026, 11, 22, 22, 0))
    assert OpeningHours.daily("00:00-24:00").is_open(datetime(2026, 11, 22, 23, 59, 59))
    closed = replace(hours, holidays=frozenset({TODAY}))
    assert not closed.is_open(datetime(2026, 11, 22, 12))


@pytest.mark.parametrize("text", ["", "8-22", "22:00-08:00", "25:00-26:00"])
def test_bad_hours_are_refused_in_words(text: str) -> None:
    with pytest.raises(Invalid):
        parse_span(text)
