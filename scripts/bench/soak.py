"""Calls that come and go for a long time: whether memory, files, threads and tasks stay where they were."""

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from scripts.bench import figures
from scripts.bench.calls import Load, Run, Wanted, load
from scripts.bench.processes import Usage, usage

#: Caches fill and models load in the first part of a soak: it says nothing about the rest.
SETTLING = 1 / 3
_WATCHED = ("brain", "bridge")
_TASKS = re.compile(r"(?m)^holdline_tasks (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One minute's end. ``calls`` were connected until then, ``lost`` were not; ``errors`` of the log."""

    minute: float
    used: dict[str, Usage]
    tasks: int
    errors: int
    calls: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may grow after settling: memory in MB an hour, files, threads and tasks in number."""

    mb_per_hour: float
    handles: int = 20


def soak(wanted: Wanted, minutes: int, talk_s: float, run: Run) -> Iterator[Sample]:
    """A sample a minute, while calls of about ``talk_s`` seconds come and go."""
    with load(wanted, run, talk_s) as parts:
        began = time.monotonic()
        for minute in range(1, minutes + 1):
            time.sleep(max(0.0, began + 60 * minute - time.monotonic()))
            yield _sample(parts, minute)
        parts.desks.ask("finish", "finished")
        parts.phones.ask("finish", "finished")


def _sample(parts: Load, minute: int) -> Sample:
    counted = parts.phones.ask("mark", "marked")
    parts.desks.ask("mark", "marked")
    tasks = _TASKS.search(parts.hotline.metrics())
    used = {name: usage(parts.pids[name]) for name in _WATCHED}
    return Sample(
        minute=minute,
        used=used,
        tasks=int(float(tasks[1])) if tasks else 0,
        errors=len(parts.hotline.faults()),
        calls=counted["calls"],
        lost=len(counted["lost"]),
    )


def settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    return samples[int(len(samples) * SETTLING) :]


def mb_per_hour(samples: Sequence[Sample], name: str) -> float:
    """How fast a process grows, its children with it, by least squares."""
    points = [(s.minute / 60, s.used[name].rss_mb + s.used[name].children_mb) for s in samples]
    return figures.slope(points)


def growth(samples: Sequence[Sample], limits: Limits) -> list[str]:
    """What rose beyond its limit after settling; empty where all is flat."""
    late = settled(samples)
    return [*_memory(late, limits), *_handles(late, limits)]


def _memory(samples: Sequence[Sample], limits: Limits) -> Iterator[str]:
    for name in _WATCHED:
        rise = mb_per_hour(samples, name)
        if rise > limits.mb_per_hour:
            yield f"{name} rises by {rise:.1f} MB an hour (limit {limits.mb_per_hour:.0f})"


def _handles(samples: Sequence[Sample], limits: Limits) -> Iterator[str]:
    """Files, threads and tasks: the median of the last half against that of the first."""
    middle = len(samples) // 2
    series = {"tasks of the brain": [s.tasks for s in samples]}
    for name in _WATCHED:
        series[f"files of the {name}"] = [s.used[name].files for s in samples]
        series[f"threads of the {name}"] = [s.used[name].threads for s in samples]
    for what, values in series.items():
        before, after = (median(half or [0]) for half in (values[:middle], values[middle:]))
        if middle and after > before + limits.handles:
            yield f"{what} rise from {before:.0f} to {after:.0f}"


def line(sample: Sample) -> str:
    """One minute in words."""
    parts = [f"{sample.minute:>4.0f} min"]
    for name, used in sample.used.items():
        children = f"+{used.children_mb:.0f}" if used.children_mb else ""
        parts.append(
            f"{name} {used.rss_mb:.1f}{children} MB {used.files} files {used.threads} threads"
        )
    return " | ".join(
        [
            *parts,
            f"{sample.tasks} tasks",
            f"{sample.calls} calls, {sample.lost} lost",
            f"{sample.errors} errors",
        ]
    )


def wanted_of(calls: int, tree: Path, *, first: bool = False) -> Wanted:
    return Wanted(calls=calls, seconds=0, desks=calls, idle=0, tree=tree, first=first)
