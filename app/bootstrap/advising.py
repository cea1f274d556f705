"""What this machine can carry: its cores, and how fast each speech model hears on it."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from app.adapters.speech.model_catalogue import EMBEDDED, CatalogueEntry, ModelRole, catalogue
from app.adapters.speech.second_pass_measured import Capacity
from app.bootstrap.measuring import Measured
from app.domain.calls.hearing_capacity import Speed, calls_by_cpu
from app.settings import Settings

#: Measures a folder, or says why it cannot be used (a text).
Measure = Callable[[Path], Measured | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAdvice:
    """Of one model that hears. ``measured`` here, None where it is not here or ``fault`` says why.

    ``calls``: two-sided ones that it can carry alone; of a second pass those of which 95 of 100
    sentences are heard again within 2 s, ``calls_at_once`` within 1 s. ``fits``: whether one call
    can be followed at all.
    """

    name: str
    role: ModelRole
    megabytes: int
    measured: Measured | None = None
    fault: str = ""
    calls: int = 0
    calls_at_once: int = 0
    fits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """``first`` and ``second``: names of models to use, empty where none does; ``calls``: two-sided
    ones at once with both."""

    cores: int
    memory_mb: int
    models: tuple[ModelAdvice, ...]
    first: str
    second: str
    calls: int


def advise(settings: Settings, measure: Measure) -> Advice:
    """Every model that is here is timed, one after the other: a few seconds each."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    entries = (e for e in catalogue(settings.model_folder) if e.known.role is not ModelRole.VOICE)
    models = tuple(_advice(entry, cores, measure) for entry in entries)
    first = _best(m for m in models if m.role is ModelRole.FIRST)
    second = _best(m for m in models if m.role is ModelRole.SECOND)
    return Advice(
        cores=cores, memory_mb=_memory_mb(), models=models, first=first.name if first else "",
        second=second.name if second else "", calls=_together(cores, first, second),
    )  # fmt: skip


def _advice(entry: CatalogueEntry, cores: int, measure: Measure) -> ModelAdvice:
    role, name, size = entry.known.role, entry.name, entry.megabytes
    if entry.folder is None:
        return ModelAdvice(name=name, role=role, megabytes=size)
    found = measure(entry.folder)
    if isinstance(found, str):
        return ModelAdvice(name=name, role=role, megabytes=size, fault=found)
    if role is ModelRole.SECOND:
        capacity = Capacity(found.wall)
        return ModelAdvice(
            name=name, role=role, megabytes=size, measured=found, calls=capacity.calls,
            calls_at_once=capacity.calls_at_once, fits=capacity.is_enough,
        )  # fmt: skip
    calls = calls_by_cpu(cores, _speed(found), None)
    return ModelAdvice(
        name=name, role=role, megabytes=size, measured=found, calls=calls, fits=calls > 0
    )


def _speed(found: Measured) -> Speed:
    return Speed(wall=found.wall, cpu=found.cpu)


def _best(models: Iterable[ModelAdvice]) -> ModelAdvice | None:
    """What was fetched or made here before what came with it; of those the largest that fits: of
    models of one kind it errs least."""
    fitting = (m for m in models if m.fits)
    return max(fitting, key=lambda m: (m.name != EMBEDDED, m.megabytes), default=None)


def _together(cores: int, first: ModelAdvice | None, second: ModelAdvice | None) -> int:
    if first is None or first.measured is None:
        return 0
    if second is None or second.measured is None:
        return first.calls
    calls = calls_by_cpu(cores, _speed(first.measured), _speed(second.measured))
    return min(calls, max(1, second.calls))


def _memory_mb() -> int:
    """Of the whole machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
