"""The arithmetic of the benches: percentiles, matching, slopes, and when a figure is refused."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.fuzz import partial_ratio

#: What a phone's own clock may be late by before what it measured says nothing about the hotline.
LATE_P99_S, LATE_WORST_S = 0.005, 0.030
#: Recognised words that agree with a sentence so far (0 to 100) are that sentence.
_SAME_WORDS = 55
_WORKED_OFF_S = 0.040
#: What did not come at all.
NEVER = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What a caller said; ``ended_at`` is when its last sounding packet left (epoch, seconds)."""

    text: str
    ended_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Words on a desk, and when the card after them came (epoch, seconds; NEVER without)."""

    text: str
    at: float
    card_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Median, 95th percentile and greatest of a series, in its unit; NaN for an empty one."""

    count: int
    p50: float
    p95: float
    worst: float


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` percent of them do not exceed (nearest rank); NaN for none.

    NEVER counts as greater than any other, so that what did not come is not left out.
    """
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(1, math.ceil(share / 100 * len(ordered))) - 1]


def spread(values: Sequence[float]) -> Spread:
    worst = max(values) if values else math.nan
    return Spread(
        count=len(values), p50=percentile(values, 50), p95=percentile(values, 95), worst=worst
    )


def card_latencies(said: Sequence[Sentence], shown: Sequence[Shown]) -> list[float]:
    """Seconds from the end of each sentence to its card, NEVER where none came.

    Words and sentences are of one call and in order; recognition may split, join or miss some, so
    a sentence takes the first words after its end that sound like it, with all before them passed.
    """
    found, at = [], 0
    for sentence in said:
        match = next((k for k in range(at, len(shown)) if _belongs(sentence, shown[k])), None)
        if match is None:
            found.append(NEVER)
            continue
        at = match + 1
        found.append(shown[match].card_at - sentence.ended_at)
    return found


def _belongs(sentence: Sentence, shown: Shown) -> bool:
    return shown.at > sentence.ended_at and partial_ratio(sentence.text, shown.text) >= _SAME_WORDS


def bucket_percentile(buckets: Sequence[tuple[float, float]], share: float) -> float:
    """Upper bound of a percentile from a cumulative histogram of (bound, count); NaN when empty."""
    total = buckets[-1][1] if buckets else 0.0
    if total <= 0:
        return math.nan
    return next(bound for bound, count in buckets if count >= share / 100 * total)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Least squares slope of (x, y), in y a unit of x; 0 for fewer than two different x."""
    if len(points) < 2:
        return 0.0
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    width = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / width if width else 0.0


def worst_outside(
    short_s: float, long: Sequence[tuple[float, float]], pauses: Sequence[tuple[float, float]]
) -> float:
    """The longest delay that no pause of the machine explains, in seconds.

    ``short_s``: the worst of those too short to be noted; ``long``: (end, length) of the others; ``pauses``:
    (from, until). What waited through a pause is worked off shortly after it.
    """
    left = [
        length
        for end, length in long
        if not any(a < end and end - length < b + _WORKED_OFF_S for a, b in pauses)
    ]
    return max([short_s, *left])


def late_phones(p99_s: float, worst_s: float) -> str:
    """Why figures are refused, where the phones' own send clock was late; empty where it was not."""
    if math.isnan(p99_s):
        return "the phones' clock did not run"
    if p99_s <= LATE_P99_S and worst_s <= LATE_WORST_S:
        return ""
    return (
        f"the phones were late themselves: p99 {p99_s * 1000:.1f} ms, worst {worst_s * 1000:.0f} ms"
    )


def named(what: str, names: Iterable[str]) -> str:
    """``what`` with up to six names; empty without any."""
    found = sorted(names)
    more = " …" if len(found) > 6 else ""
    return f"{what}: {len(found)} ({', '.join(found[:6])}{more})" if found else ""
