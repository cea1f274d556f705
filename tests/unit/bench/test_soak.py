"""A soak's verdict: what rises is told, what only swings is not."""

from collections.abc import Callable
from typing import Any

import pytest

from scripts.bench.processes import Usage
from scripts.bench.soak import Limits, Sample, growth, mb_per_hour, settled

OfMinute = Callable[[int], int]
LIMITS = Limits(mb_per_hour=40)


def samples(brain_mb: OfMinute, files: OfMinute = lambda minute: 25, tasks: OfMinute = lambda minute: 12) -> list[Sample]:
    def used(mb: float, minute: int) -> Usage:
        return Usage(cpu_s=0, rss_mb=mb, children_mb=0, files=files(minute), threads=13)

    return [Sample(minute=m, used={"brain": used(brain_mb(m), m), "bridge": used(60, m)}, tasks=tasks(m), errors=0, calls=m, lost=0)
            for m in range(1, 31)]


def test_start_up_is_not_growth() -> None:
    assert growth(samples(lambda m: min(360, 200 + 20 * m)), LIMITS) == []


def test_swinging_is_not_growth() -> None:
    assert growth(samples(lambda m: 360 + 5 * (m % 3), files=lambda m: 25 + m % 18), LIMITS) == []


def test_a_leak_is_told_with_its_speed() -> None:
    assert growth(samples(lambda m: 360 + m), LIMITS) == ["brain rises by 60.0 MB an hour (limit 40)"]


def test_memory_of_children_counts() -> None:
    late = [Sample(minute=m, used={"brain": Usage(cpu_s=0, rss_mb=100, children_mb=2.0 * m, files=1, threads=1)}, tasks=1, errors=0, calls=0, lost=0)
            for m in range(1, 11)]
    assert mb_per_hour(late, "brain") == pytest.approx(120)


@pytest.mark.parametrize(("changes", "what"), [
    ({"files": lambda m: 25 + 3 * m}, "files of the brain"), ({"tasks": lambda m: 10 + 5 * m}, "tasks of the brain")])
def test_what_is_never_given_back_is_told(changes: dict[str, Any], what: str) -> None:
    assert any(fault.startswith(what) for fault in growth(samples(lambda m: 360, **changes), LIMITS))


def test_the_first_third_is_left_out() -> None:
    assert [s.minute for s in settled(samples(lambda m: 1))][0] == 11
