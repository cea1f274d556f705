"""A run in words, several as a table and a curve in plain text."""

import math
import os
from collections.abc import Sequence

from scripts.bench.calls import DRAIN_S, Run
from scripts.bench.figures import NEVER, Spread, named
from scripts.bench.processes import commit_of

_WIDTH = 48


def ms(seconds: float) -> str:
    """Milliseconds without a fraction; ``never`` for what did not come, ``-`` for nothing measured."""
    if math.isnan(seconds):
        return "-"
    return "never" if seconds == NEVER else f"{seconds * 1000:.0f}"


def bound(seconds: float) -> str:
    """The upper bound of a histogram's bucket, in milliseconds."""
    if math.isnan(seconds):
        return "-"
    return "over the last bound" if seconds == NEVER else f"<= {ms(seconds)}"


def spread_text(found: Spread | None) -> str:
    """Median, 95th percentile and greatest in milliseconds."""
    if found is None:
        return "-"
    return f"p50 {ms(found.p50)}  p95 {ms(found.p95)}  max {ms(found.worst)} ms"


def describe(run: Run) -> str:
    """Everything of one run."""
    w = run.wanted
    lines = [
        f"{w.calls} calls at once, {w.desks} desks, {w.idle} idle desks, {w.seconds:.0f} s steady, {os.cpu_count()} cores, {commit_of(w.tree)}{', before others' if w.first else ''}"
    ]
    lines.append(f"log-ins, all at once      {spread_text(run.log_ins)}")
    if run.card is not None:
        lines += _measured(run)
    lines += [f"REFUSED: {why}" for why in run.refused]
    return "\n".join(lines)


def _measured(run: Run) -> list[str]:
    assert run.card is not None
    w = run.wanted
    none = named(
        "desks without a card",
        [name for name, n in run.cards.items() if not n and int(name[1:]) < run.wanted.desks],
    )
    busy = [n for n in run.cards.values() if n]
    lines = [
        f"end of speech -> card     {spread_text(run.card)}  ({run.card.count} sentences, {run.missed} without a card within {DRAIN_S:.0f} s)",
        f"final text -> card        p50 {bound(run.final[0])}  p95 {bound(run.final[1])}  max {bound(run.final[2])} ms (the brain's own histogram)",
        f"cards a desk              {min(busy, default=0)} to {max(busy, default=0)}; {none or 'none without'}",
        f"packets at the phones     {run.packets[0]:.2f} to {run.packets[1]:.2f} a second, worst gap {ms(run.worst_gap_s)} ms",
        f"taken by the host          {len(run.pauses)} times a processor, {ms(max(run.pauses, default=0.0))} ms at most; with these the worst gap is {ms(run.worst_gap_in_pause_s)} ms",
        f"phones' own lateness      p99 {run.phones_lag[0] * 1000:.1f} ms, worst {ms(run.phones_lag[1])} ms",
    ]
    if w.natural and run.revised is not None:
        lines.append(
            f"end of speech -> revised   {spread_text(run.revised)}  ({run.revised.count} sentences of which the words changed)"
        )
    if run.feed_lag is not None:
        lines.append(
            f"click -> own screen       {spread_text(run.feed_lag)}  ({run.feed_lag.count} clicks of idle desks)"
        )
    for name, used in run.memory.items():
        cost = (
            f"{run.cpu_per_call_minute[name]:.2f} CPU-s a call-minute, {run.cores[name]:.2f} cores"
        )
        children = f" + {used.children_mb:.0f} in children" if used.children_mb else ""
        lines.append(
            f"{name:<25} {cost}, {used.rss_mb:.0f} MB{children}, {used.files} files, {used.threads} threads"
        )
    lines.append(f"others on this machine    {run.cores['others']:.2f} cores")
    if run.faults:
        lines.append(f"errors in the log         {len(run.faults)}: {run.faults[0][:120]}")
    return lines


_HEADINGS = (
    "calls",
    "card p50",
    "p95",
    "max ms",
    "no card",
    "final p95",
    "packets/s",
    "gap ms",
    "host's pauses (gap)",
    "brain CPU-s/cm",
    "bridge",
    "brain MB",
    "bridge MB",
    "phones",
    "desks",
    "others",
    "log-in p95",
    "worth",
)


def _cells(run: Run) -> tuple[str, ...]:
    log_in = ms(run.log_ins.p95) if run.log_ins else "-"
    worth = "; ".join(run.refused) or "yes"
    if run.card is None:
        return (str(run.wanted.calls), *["-"] * 15, log_in, worth)
    cost, cores = run.cpu_per_call_minute, run.cores
    return (
        str(run.wanted.calls),
        ms(run.card.p50),
        ms(run.card.p95),
        ms(run.card.worst),
        f"{run.missed}/{run.card.count}",
        bound(run.final[1]),
        f"{run.packets[0]:.2f}-{run.packets[1]:.2f}",
        ms(run.worst_gap_s),
        f"{len(run.pauses)} ({ms(run.worst_gap_in_pause_s)})",
        f"{cost['brain']:.2f}",
        f"{cost['bridge']:.2f}",
        f"{run.memory['brain'].rss_mb:.0f}",
        f"{run.memory['bridge'].rss_mb:.0f}",
        f"{cores['phones']:.2f}",
        f"{cores['desks']:.2f}",
        f"{cores['others']:.2f}",
        log_in,
        worth,
    )


def table(runs: Sequence[Run]) -> str:
    """A row a number of calls, in Markdown."""
    rows = [_HEADINGS, tuple("---" for _ in _HEADINGS), *map(_cells, runs)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _bar(value: float, full: float) -> str:
    if math.isnan(value):
        return ""
    return "#" * max(1, round(_WIDTH * min(1.0, value / full)))


def curve(runs: Sequence[Run]) -> str:
    """Two bars a row: the card's p95 (logarithmic, 0.1 to 60 s) and the brain's cost (0 to 6)."""
    lines = ["calls  card p95, 0.1 to 60 s, logarithmic | brain, 0 to 6 CPU-s a call-minute"]
    for run in runs:
        late = run.card.p95 if run.card else math.nan
        scaled = math.log10(max(0.1, min(late, 60.0)) / 0.1) if not math.isnan(late) else math.nan
        cost = run.cpu_per_call_minute.get("brain", math.nan)
        lines.append(f"{run.wanted.calls:>5}  card  {_bar(scaled, math.log10(600))} {ms(late)} ms")
        lines.append(f"       brain {_bar(cost, 6.0)} {cost:.2f}")
    return "\n".join(lines)
