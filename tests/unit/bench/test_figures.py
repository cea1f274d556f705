"""The benches' arithmetic: what is counted, what is left out, and when a figure is refused."""

import math

import pytest

from scripts.bench import figures
from scripts.bench.figures import NEVER, Sentence, Shown
from scripts.bench.rtp import Lateness


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [figures.percentile(values, share) for share in (0, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]
    assert figures.percentile([3.0], 95) == 3.0
    assert figures.percentile([1.0, 2.0], 50) == 1.0
    assert math.isnan(figures.percentile([], 50))


def test_what_never_came_counts_as_the_latest() -> None:
    found = figures.spread([0.3] * 94 + [NEVER] * 6)
    assert (found.p50, found.p95, found.worst) == (0.3, NEVER, NEVER)


def said(*times: float) -> list[Sentence]:
    texts = ("我要报停", "太贵了", "我家电视没信号")
    return [Sentence(text=texts[n % 3], ended_at=at) for n, at in enumerate(times)]


def test_a_card_belongs_to_the_words_of_its_sentence() -> None:
    shown = [Shown(text="来电 我要报停 报停", at=10.25, card_at=10.3), Shown(text="来电 太贵了", at=16.2, card_at=16.5)]
    assert figures.card_latencies(said(10, 16), shown) == pytest.approx([0.3, 0.5])


def test_a_late_card_is_not_taken_for_the_next_sentences() -> None:
    """All three are shown in one burst, after the last was said."""
    shown = [Shown(text=text, at=30 + n, card_at=30.5 + n) for n, text in enumerate(("我要报停", "太贵了", "我家电视没信号"))]
    assert figures.card_latencies(said(10, 16, 22), shown) == pytest.approx([20.5, 15.5, 10.5])


def test_a_sentence_that_was_not_heard_takes_no_other_ones_card() -> None:
    shown = [Shown(text="我家电视没信号", at=22.2, card_at=22.3)]
    assert figures.card_latencies(said(10, 16, 22), shown) == [NEVER, NEVER, pytest.approx(0.3)]


def test_words_from_before_its_end_are_another_sentence() -> None:
    assert figures.card_latencies(said(10), [Shown(text="我要报停", at=9.0, card_at=9.1)]) == [NEVER]


def test_percentiles_of_a_histogram_are_bounds() -> None:
    buckets = [(0.1, 90.0), (0.2, 95.0), (0.5, 99.0), (math.inf, 100.0)]
    assert [figures.bucket_percentile(buckets, share) for share in (50, 95, 99, 100)] == [0.1, 0.2, 0.5, math.inf]
    assert math.isnan(figures.bucket_percentile([(0.1, 0.0)], 50))


def test_slopes() -> None:
    assert figures.slope([(0, 100), (1, 102), (2, 104)]) == pytest.approx(2)
    assert figures.slope([(0, 5), (1, 7), (2, 5), (3, 7), (4, 5)]) == pytest.approx(0)
    assert figures.slope([(1, 5)]) == figures.slope([(1, 5), (1, 9)]) == 0


def lateness(*lags: float) -> str:
    found = Lateness()
    for lag in lags:
        found.note(lag)
    worst_s = figures.worst_outside(found.delays.worst_short_s, found.delays.long, [])
    return figures.late_phones(found.p99_s(), worst_s)


def test_phones_in_time_are_believed() -> None:
    assert lateness(*[0.0001] * 1000, figures.LATE_WORST_S) == ""
    assert lateness(-0.001, 0.0) == ""


@pytest.mark.parametrize("lags", [
    [0.0001] * 980 + [figures.LATE_P99_S * 1.1] * 20, [0.0001] * 100_000 + [figures.LATE_WORST_S * 1.1], [5.0], []])
def test_figures_of_late_phones_are_refused(lags: list[float]) -> None:
    assert "phones" in lateness(*lags)


def test_names_are_told_up_to_six() -> None:
    assert figures.named("x", []) == ""
    assert figures.named("dropped", ["b", "a"]) == "dropped: 2 (a, b)"
    assert figures.named("dropped", [f"a{n}" for n in range(9)]).endswith("a5 …)")


def test_a_gap_in_a_pause_of_the_machine_is_not_the_hotlines() -> None:
    pauses = [(100.0, 100.1)]
    assert figures.worst_outside(0.021, [(100.12, 0.12)], pauses) == 0.021
    assert figures.worst_outside(0.021, [(100.12, 0.12), (99.9, 0.05)], pauses) == 0.05
    assert figures.worst_outside(0.021, [(100.3, 0.05)], pauses) == 0.05
    assert figures.worst_outside(0.021, [(100.12, 0.12)], []) == 0.12


def test_what_waited_through_a_pause_comes_shortly_after_it() -> None:
    assert figures.worst_outside(0.02, [(100.17, 0.05)], [(100.0, 100.1)]) == 0.02
