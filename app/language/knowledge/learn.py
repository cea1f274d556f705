"""Learning from content: features, intent weights, FAQ centroids.

The only place that needs scikit-learn; whoever only understands loads what was learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from app.language.knowledge.noise import Noise
from app.language.understanding.encode import Encoder, features, syllable_pairs
from app.language.understanding.faq import FaqEntry, embed
from app.language.understanding.intents import IntentClassifier, IntentKind, training_rows
from app.language.understanding.learned import Calibration, Embedding, Floats, Learned
from app.language.understanding.normalise import normalise

NOISE_COPIES = 2
NOISE_RATE = 0.15
#: A feature of fewer texts tells nothing about others.
MIN_TEXTS = 4


@dataclass(frozen=True, slots=True)
class _Base:
    """The FAQ's texts as rows, with what is summed over each entry's."""

    texts: tuple[str, ...]
    owner: NDArray[np.int32]
    rows: csr_matrix
    member: csr_matrix
    topics: Floats


def learn(
    kinds: Sequence[IntentKind], entries: Sequence[FaqEntry], embedding: Embedding | None = None
) -> Learned:
    """Everything that the engine needs of these kinds and entries. CPU: about 3 s at 2,000."""
    phrases, labels = training_rows(kinds)
    owned = _owned_texts(kinds, entries)
    known = phrases + [text for text, _ in owned]
    vectorizer = TfidfVectorizer(analyzer=features, sublinear_tf=True, dtype=np.float32)
    rows = csr_matrix(vectorizer.fit_transform(known))
    vocabulary = tuple(vectorizer.get_feature_names_out())
    pairs = frozenset(pair for text in known for pair in syllable_pairs(text))
    idf = vectorizer.idf_.astype(np.float32)
    encoder = Encoder(vocabulary, idf, pairs)
    common, weights, bias, names = _classifier(phrases, labels, rows[: len(phrases)], encoder)
    classifier = IntentClassifier(names, common, weights, bias, len(vocabulary))
    base = _base(owned, rows[len(phrases) :], classifier, len(entries))
    projection = _projection(embedding, vocabulary)
    sums = base.member @ base.rows
    embedded = np.zeros((0, len(entries)), np.float32)
    if projection.size:
        embedded = normalize(base.member @ embed(base.rows, projection)).T.astype(np.float32)
    return Learned(
        vocabulary, idf, pairs, names, common, weights, bias, base.texts,
        base.owner, normalize(sums).T.tocsr(), normalize(base.member @ base.topics).T.copy(),
        Calibration(), projection, embedded,
    )  # fmt: skip


def _owned_texts(kinds: Sequence[IntentKind], entries: Sequence[FaqEntry]) -> list[tuple[str, int]]:
    """Normal forms with their entry; the phrases of a kind lead to the entry that answers it."""
    more = {kind.faq: kind.phrases for kind in kinds if kind.faq}
    return [
        (normalise(text).text, at)
        for at, entry in enumerate(entries)
        for text in (*entry.texts, *more.get(entry.id, ()))
    ]


def _classifier(
    phrases: list[str], labels: list[str], clean: csr_matrix, encoder: Encoder
) -> tuple[NDArray[np.int32], Floats, Floats, tuple[str, ...]]:
    """Learns each phrase clean and with simulated recognition noise."""
    copies = [Noise(seed) for seed in range(NOISE_COPIES)]
    noisy = [noise(text, NOISE_RATE) for noise in copies for text in phrases]
    rows = vstack([clean, encoder.rows(noisy)]).tocsr()
    common = np.flatnonzero(rows.getnnz(axis=0) >= MIN_TEXTS).astype(np.int32)
    model = LogisticRegression(C=20, max_iter=60, tol=1e-3)
    # One BLAS thread: several wait for each other longer than they compute here.
    with threadpool_limits(1):
        model.fit(rows[:, common], labels * (1 + NOISE_COPIES))
    names = tuple(str(label) for label in model.classes_)
    weights = np.ascontiguousarray(model.coef_.T, dtype=np.float32)
    return common, weights, model.intercept_.astype(np.float32), names


def _base(
    owned: list[tuple[str, int]], rows: csr_matrix, classifier: IntentClassifier, entries: int
) -> _Base:
    owner = np.array([at for _, at in owned], dtype=np.int32)
    ones = np.ones(len(owned), np.float32)
    shape = (entries, len(owned))
    member = csr_matrix((ones, (owner, np.arange(len(owned)))), shape=shape)
    topics = np.sqrt(classifier.probabilities(rows))
    return _Base(tuple(text for text, _ in owned), owner, rows, member, topics)


def _projection(embedding: Embedding | None, vocabulary: tuple[str, ...]) -> Floats:
    """The embedding's rows in the order of the vocabulary; what it does not know is zero."""
    if embedding is None:
        return np.zeros((len(vocabulary), 0), np.float32)
    known = {feature: at for at, feature in enumerate(embedding.vocabulary)}
    found = np.zeros((len(vocabulary), embedding.projection.shape[1]), np.float32)
    places = [(at, known[f]) for at, f in enumerate(vocabulary) if f in known]
    found[[at for at, _ in places]] = embedding.projection[[at for _, at in places]]
    return found
