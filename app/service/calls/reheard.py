"""What an utterance says after both passes: pure decisions, the same while a call goes on and
after it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.fusion import is_short, leads
from app.language.understanding.understood import Situation, Understanding
from app.service.ports import Word
from app.service.second_pass import Reheard


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """What a final says after both passes; ``understanding`` for the caller's side only;
    ``clear``: how clear the second pass found its words, None where the first pass's stay."""

    words: tuple[Word, ...]
    understanding: Understanding | None
    clear: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstHearing:
    """An utterance as the first pass heard it; ``situation`` and ``understanding`` for the
    caller's side only."""

    words: tuple[Word, ...]
    spoken_ms: int
    understanding: Understanding | None = None
    situation: Situation | None = None


def reheard_words(reheard: Reheard, first: Sequence[Word], spoken_ms: int) -> tuple[Word, ...]:
    """Characters spread evenly over the time in which the first pass heard words."""
    text, clear = reheard.text, clearness(reheard.score)
    start = first[0].start if first else 0.0
    end = first[-1].end if first else spoken_ms / 1000
    step = max(0.0, end - start) / max(1, len(text))
    return tuple(
        Word(each, start + at * step, start + (at + 1) * step, clear)
        for at, each in enumerate(text)
    )


def clearness(score: float) -> float:
    """A mean log probability on the first pass's scale, where 0.75 is in doubt: 0 to 1."""
    return math.exp(min(0.0, score) / 2)


def revised(engine: UnderstandingEngine, first: FirstHearing, reheard: Reheard) -> Revision:
    """Where the first pass leads, or the second heard nothing, its words stay. Blocking."""
    as_it_was = Revision(words=first.words, understanding=first.understanding)
    if not reheard.text:
        return as_it_was
    words, clear = reheard_words(reheard, first.words, first.spoken_ms), clearness(reheard.score)
    if first.understanding is None or first.situation is None:
        return Revision(words=words, understanding=None, clear=clear)
    situation = replace(first.situation, heard=clear)
    second = engine.understand(reheard.text, situation)
    short = is_short(first.understanding, situation, first.spoken_ms)
    doubted = situation.heard < engine.bands.heard
    if leads(first.understanding, second, short=short, doubted=doubted):
        return as_it_was
    return Revision(words=words, understanding=second, clear=clear)
