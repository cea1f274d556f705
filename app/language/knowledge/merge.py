"""Bringing a draft up to date: its changes, made again on a newer version (a three-way merge)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.language.knowledge.content import Knowledge

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Merged:
    """``conflicts``: what both changed; there the draft's counts."""

    knowledge: Knowledge
    conflicts: tuple[str, ...]


def merge(base: Knowledge, draft: Knowledge, newer: Knowledge) -> Merged:
    """``base`` is what both the draft and the newer version began with."""
    conflicts: list[str] = []

    def of(
        key: Callable[[T], str], old: Sequence[T], mine: Sequence[T], theirs: Sequence[T]
    ) -> tuple[T, ...]:
        found, clashes = _items(key, old, mine, theirs)
        conflicts.extend(clashes)
        return found

    words = draft.words if draft.words != base.words else newer.words
    if draft.words != base.words and newer.words not in (base.words, draft.words):
        conflicts.append("lexicon.yaml")
    known = newer.families if newer.families != base.families else draft.families
    merged = replace(
        newer, words=words, families=known,
        entries=of(lambda e: e.id, base.entries, draft.entries, newer.entries),
        kinds=of(lambda k: k.id, base.kinds, draft.kinds, newer.kinds),
        tests=of(lambda t: t.text, base.tests, draft.tests, newer.tests),
        calibration=of(lambda t: t.text, base.calibration, draft.calibration, newer.calibration),
    )  # fmt: skip
    return Merged(merged, tuple(conflicts))


def _items(
    key: Callable[[T], str], base: Sequence[T], draft: Sequence[T], newer: Sequence[T]
) -> tuple[tuple[T, ...], list[str]]:
    """In the newer version's order, what only the draft has at the end."""
    old = {key(item): item for item in base}
    mine = {key(item): item for item in draft}
    theirs = {key(item): item for item in newer}
    found: list[T] = []
    conflicts: list[str] = []
    for name in (*theirs, *(name for name in mine if name not in theirs)):
        was, here, there = old.get(name), mine.get(name), theirs.get(name)
        chosen = there if here == was else here
        if here != was and there not in (was, here):
            conflicts.append(name)
        if chosen is not None:
            found.append(chosen)
    return tuple(found), conflicts
