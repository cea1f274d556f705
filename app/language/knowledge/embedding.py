"""A small embedding trained on the operator's own texts: ways to ask the same come close.

Two noisy copies of texts of one entry are pulled together, those of the others in the batch pushed
apart (van den Oord et al., 2018, contrastive predictive coding: the InfoNCE loss), by Adam in numpy
over the engine's own features. It is worth its place only where the tests say so.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from app.language.knowledge.noise import Noise
from app.language.understanding.encode import features
from app.language.understanding.faq import FaqEntry
from app.language.understanding.intents import IntentKind
from app.language.understanding.learned import Embedding, Floats
from app.language.understanding.normalise import normalise

DIMENSIONS = 64
STEPS = 800
BATCH = 96
TEMPERATURE = 0.1
LEARNING_RATE = 0.01
NOISE_COPIES = 3
NOISE_RATE = 0.15
FEWEST_GROUPS = 8

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Texts:
    """All texts with their noisy copies; ``groups`` are the rows that mean the same."""

    rows: csr_matrix
    groups: list[NDArray[np.int64]]
    vocabulary: tuple[str, ...]


def train(
    entries: Sequence[FaqEntry], kinds: Sequence[IntentKind], progress: Progress,
    steps: int = STEPS,
) -> Embedding:  # fmt: skip
    """A minute of CPU for 1,500 texts. Raises ValueError where there is too little."""
    texts = _prepare(entries, kinds)
    if len(texts.groups) < FEWEST_GROUPS:
        raise ValueError(f"an embedding needs at least {FEWEST_GROUPS} entries with two texts each")
    chance = np.random.default_rng(5)
    weights = chance.normal(0, 0.05, (texts.rows.shape[1], DIMENSIONS)).astype(np.float32)
    adam = _Adam(weights)
    for step in range(steps):
        first, second = _pairs(texts.groups, chance)
        rows = texts.rows[np.concatenate([first, second])]
        adam.step(_gradient(rows, weights), LEARNING_RATE * (1 - step / steps))
        if step % 20 == 0:
            progress(step / steps)
    progress(1.0)
    return Embedding(texts.vocabulary, weights)


def _prepare(entries: Sequence[FaqEntry], kinds: Sequence[IntentKind]) -> _Texts:
    noises = [Noise(seed) for seed in range(NOISE_COPIES)]
    asked = [entry.texts for entry in entries if len(entry.texts) > 1]
    # Phrases of kinds without an entry of their own teach what lies apart.
    asked += [kind.phrases for kind in kinds if not kind.faq and len(kind.phrases) > 1]
    known: list[str] = []
    groups: list[NDArray[np.int64]] = []
    for texts in asked:
        normals = [normalise(text).text for text in texts]
        copies = [noise(text, NOISE_RATE) for text in normals for noise in noises]
        groups.append(np.arange(len(known), len(known) + len(normals) + len(copies)))
        known += [*normals, *copies]
    if not known:
        return _Texts(csr_matrix(np.zeros((0, 0), np.float32)), [], ())
    vectorizer = TfidfVectorizer(
        analyzer=features, sublinear_tf=True, dtype=np.float32, min_df=3 if len(known) > 50 else 1
    )
    rows = csr_matrix(vectorizer.fit_transform(known))
    return _Texts(rows, groups, tuple(vectorizer.get_feature_names_out()))


def _pairs(
    groups: list[NDArray[np.int64]], chance: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two different texts of each of a batch of groups."""
    size = min(BATCH, len(groups))
    chosen = chance.choice(len(groups), size, replace=False)
    pairs = np.array([chance.choice(groups[at], 2, replace=False) for at in chosen])
    return pairs[:, 0], pairs[:, 1]


def _gradient(rows: csr_matrix, weights: Floats) -> Floats:
    """Of the symmetric InfoNCE loss over the two halves of the batch."""
    raw = np.asarray(rows @ weights)
    length = np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-6)
    unit = raw / length
    half = len(unit) // 2
    first, second = unit[:half], unit[half:]
    scores = first @ second.T / TEMPERATURE
    wrong = (_softmax(scores) + _softmax(scores.T).T - 2 * np.eye(half)) / (2 * half * TEMPERATURE)
    towards = np.concatenate([wrong @ second, wrong.T @ first])
    back = (towards - unit * (towards * unit).sum(axis=1, keepdims=True)) / length
    return np.asarray(rows.T @ back, dtype=np.float32)


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    exponent = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=1, keepdims=True))


class _Adam:
    """Kingma and Ba (2015), in place on ``weights``."""

    def __init__(self, weights: Floats) -> None:
        self._weights = weights
        self._mean = np.zeros_like(weights)
        self._square = np.zeros_like(weights)
        self._steps = 0

    def step(self, gradient: Floats, rate: float) -> None:
        self._steps += 1
        self._mean += 0.1 * (gradient - self._mean)
        self._square += 0.001 * (gradient * gradient - self._square)
        mean = self._mean / (1 - 0.9**self._steps)
        square = self._square / (1 - 0.999**self._steps)
        self._weights -= rate * mean / (np.sqrt(square) + 1e-8)
