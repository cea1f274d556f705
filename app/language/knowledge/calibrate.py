"""Confidence that means what it says: fitted on labelled utterances that nothing else learns from.

Platt, J. (1999): Probabilistic outputs for support vector machines and comparisons to regularized
likelihood methods.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from app.language.knowledge.noise import Noise
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.engine import Measured, UnderstandingEngine
from app.language.understanding.faq import FaqEntry
from app.language.understanding.intents import IntentKind
from app.language.understanding.learned import Learned
from app.language.understanding.lexicon import Lexicon

NOISE_RATE = 0.15
FEWEST_ROWS = 40


def calibrate(
    kinds: Sequence[IntentKind], lexicon: Lexicon, entries: Sequence[FaqEntry], learned: Learned,
    rows: Sequence[LabelledUtterance],
) -> Learned:  # fmt: skip
    """The same with a fitted calibration; unchanged where there are too few rows."""
    if len(rows) < FEWEST_ROWS:
        return learned
    engine = UnderstandingEngine(kinds, lexicon, entries, learned)
    asked = list(_asked(engine, rows))
    found = replace(learned.calibration, **_faq(asked), **_intent(asked))
    return replace(learned, calibration=found)


def _asked(
    engine: UnderstandingEngine, rows: Sequence[LabelledUtterance]
) -> Iterator[tuple[LabelledUtterance, Measured]]:
    """All rows clean, every second one with simulated recognition errors too."""
    noise = Noise(seed=11)
    texts = [(row, row.text) for row in rows]
    texts += [(row, noise(row.text, NOISE_RATE)) for row in rows[::2]]
    for row, text in texts:
        measured = engine.measure(text)
        if measured is not None:
            yield row, measured


def _faq(asked: Sequence[tuple[LabelledUtterance, Measured]]) -> dict[str, tuple[float, ...]]:
    """Rows that one entry answers, and foreign ones that none does."""
    given, right = [], []
    for row, measured in asked:
        if measured.hits and not measured.hits[0].same and (row.faq or row.family == "none"):
            hit = measured.hits[0]
            own = float(np.log(max(measured.own, 1e-6)))
            given.append([hit.height, hit.lead, own, measured.strangeness])
            right.append(hit.entry.id == row.faq)
    return {"faq": fitted} if (fitted := _fit(given, right)) else {}


def _intent(asked: Sequence[tuple[LabelledUtterance, Measured]]) -> dict[str, tuple[float, ...]]:
    given, right = [], []
    for row, measured in asked:
        bounded = min(max(measured.probability, 1e-6), 1 - 1e-6)
        given.append([float(np.log(bounded / (1 - bounded)))])
        right.append(measured.family == row.family)
    return {"intent": fitted} if (fitted := _fit(given, right)) else {}


def _fit(given: list[list[float]], right: list[bool]) -> tuple[float, ...] | None:
    if len(given) < FEWEST_ROWS or all(right) or not any(right):
        return None
    model = LogisticRegression(C=10.0, max_iter=500).fit(np.array(given), right)
    return (float(model.intercept_[0]), *map(float, model.coef_[0]))
