"""Confidence that means what it says: fitted on labelled utterances that nothing else learns of.

The views of an utterance are weighed by a conditional logit (McFadden, 1974): three weights that
all families share and a constant a family. Answers are calibrated by Platt, J. (1999):
Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from app.language.knowledge.noise import Noise
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.engine import Measured, UnderstandingEngine
from app.language.understanding.faq import FaqEntry
from app.language.understanding.intents import IntentKind, Layout
from app.language.understanding.learned import Calibration, Learned
from app.language.understanding.lexicon import Lexicon
from app.language.understanding.sentences import SentenceModel
from app.language.understanding.views import VIEWS, Views, logits, opinion

NOISE_RATE = 0.15
FEWEST_ROWS = 40
#: How much constants of families are held back: a shift of 1 costs as much as this many rows.
_PRIOR = 2.0

Asked = list[tuple[LabelledUtterance, Measured]]


def calibrate(
    kinds: Sequence[IntentKind], lexicon: Lexicon, entries: Sequence[FaqEntry], learned: Learned,
    rows: Sequence[LabelledUtterance], model: SentenceModel | None = None,
) -> Learned:  # fmt: skip
    """The same with a fitted calibration; unchanged where there are too few rows."""
    if len(rows) < FEWEST_ROWS:
        return learned
    engine = UnderstandingEngine(kinds, lexicon, entries, learned, model=model)
    asked = list(_asked(engine, rows))
    found = _views(asked, learned)
    faq = _faq(asked, engine.layout, found)
    return replace(learned, calibration=replace(found, faq=faq or found.faq))


def _asked(
    engine: UnderstandingEngine, rows: Sequence[LabelledUtterance]
) -> Iterator[tuple[LabelledUtterance, Measured]]:
    """All rows clean, every third one with simulated recognition errors too."""
    noise = Noise(seed=11)
    texts = [(row, row.text) for row in rows]
    texts += [(row, noise(row.text, NOISE_RATE)) for row in rows[::3]]
    engine.prepare([text for _, text in texts])
    for row, text in texts:
        measured = engine.measure(text)
        if measured is not None:
            yield row, measured


def _views(asked: Asked, learned: Learned) -> Calibration:
    families = learned.intents.families
    known = [(row, m.views) for row, m in asked if row.family in families]
    if len(known) < FEWEST_ROWS:
        return learned.calibration
    meant = np.array([families.index(row.family) for row, _ in known])
    views = [one for _, one in known]
    found = replace(learned.calibration, bare=_weights(views, meant, meaning=False))
    if views[0].meant_families is not None:
        found = replace(found, views=_weights(views, meant, meaning=True))
    return found


def _weights(
    views: Sequence[Views], meant: NDArray[np.int64], *, meaning: bool
) -> tuple[float, ...]:
    """The coefficients under which what was meant is likeliest."""
    given = logits(views, meaning).astype(np.float64)
    count, families, _ = given.shape
    start = np.concatenate([[0.5, 0.5 if meaning else 0.0, 1.0], np.zeros(families)])

    def loss(all_: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = given @ all_[:VIEWS] + all_[VIEWS:]
        scores -= scores.max(axis=1, keepdims=True)
        p = np.exp(scores)
        p /= p.sum(axis=1, keepdims=True)
        value = -np.log(p[np.arange(count), meant]).sum() + _PRIOR * (all_[VIEWS:] ** 2).sum()
        wrong = p.copy()
        wrong[np.arange(count), meant] -= 1
        weights = np.einsum("nf,nfv->v", wrong, given)
        return float(value), np.concatenate(
            [weights, wrong.sum(axis=0) + 2 * _PRIOR * all_[VIEWS:]]
        )

    bounds = [(0.0, 3.0), (0.0, 3.0) if meaning else (0.0, 0.0), (0.0, 20.0)] + [(-2, 2)] * families
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(map(float, found.x))


def _faq(asked: Asked, layout: Layout, found: Calibration) -> tuple[float, ...] | None:
    """Rows that one entry answers, and foreign ones that none does; ``found``: how the views are
    weighed when it is known whether a sentence means anything."""
    given, right = [], []
    for row, measured in asked:
        if measured.hits and not measured.hits[0].same and (row.faq or row.family == "none"):
            hit = measured.hits[0]
            own = 1.0 - opinion(measured.views, layout, found).of("none")
            given.append([hit.height, hit.lead, np.log(max(own, 1e-6)), measured.strangeness])
            right.append(row.answered_by(hit.entry.id))
    return _fit(given, right)


def _fit(given: list[list[float]], right: list[bool]) -> tuple[float, ...] | None:
    if len(given) < FEWEST_ROWS or all(right) or not any(right):
        return None
    model = LogisticRegression(C=10.0, max_iter=500).fit(np.array(given), right)
    return (float(model.intercept_[0]), *map(float, model.coef_[0]))
