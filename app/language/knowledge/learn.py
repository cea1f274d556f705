"""Learning from content: features, intent weights, FAQ centroids.

The only place that needs scikit-learn; whoever only understands loads what was learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits

from app.language.knowledge.examples import NOTHING, Taught
from app.language.understanding.encode import features, intent_features, syllable_pairs
from app.language.understanding.faq import FaqEntry, embed
from app.language.understanding.intents import (
    Example,
    IntentClassifier,
    IntentKind,
)
from app.language.understanding.learned import (
    NO_INTENTS,
    Calibration,
    Embedding,
    Floats,
    Learned,
    LearnedIntents,
)
from app.language.understanding.normalise import normalise

#: Of the gradient descent: how much weights are held back, and how often it sees all sentences.
HELD_BACK, ROUNDS = 3e-6, 12
#: A feature of fewer texts tells nothing about others.
MIN_TEXTS = 2
FEW_TEXTS = 500


Labels = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class _Base:
    """The FAQ's texts as rows, with what is summed over each entry's."""

    texts: tuple[str, ...]
    owner: NDArray[np.int32]
    rows: csr_matrix
    member: csr_matrix
    topics: Floats


def learn(
    kinds: Sequence[IntentKind], entries: Sequence[FaqEntry], embedding: Embedding | None = None,
    taught: Taught = NOTHING,
) -> Learned:  # fmt: skip
    """Everything that the engine needs of these kinds and entries.

    ``taught``: further sentences; what is of no kind here is left out. CPU: about 15 s at 30,000
    sentences.
    """
    examples = taught.examples
    phrases = [normalise(phrase).text for kind in kinds for phrase in kind.phrases]
    owned = _answer_texts(kinds, entries, examples)
    known = phrases + [text for text, _ in owned]
    vectorizer = TfidfVectorizer(analyzer=features, sublinear_tf=True, dtype=np.float32)
    rows = csr_matrix(vectorizer.fit_transform(known))
    vocabulary = tuple(vectorizer.get_feature_names_out())
    pairs = frozenset(pair for text in known for pair in syllable_pairs(text))
    intents = _intents(_sentences(kinds, entries, examples))
    reasons = _intents({normalise(e.text).text: (e.family, "told") for e in taught.reasons})
    base = _base(owned, rows[len(phrases) :], IntentClassifier(intents), len(entries))
    projection = _projection(embedding, vocabulary)
    sums = base.member @ base.rows
    embedded = np.zeros((0, len(entries)), np.float32)
    if projection.size:
        embedded = normalize(base.member @ embed(base.rows, projection)).T.astype(np.float32)
    return Learned(
        vocabulary, vectorizer.idf_.astype(np.float32), pairs, intents, base.texts,
        base.owner, normalize(sums).T.tocsr(), normalize(base.member @ base.topics).T.copy(),
        Calibration(), projection, embedded, reasons,
    )  # fmt: skip


def _answer_texts(
    kinds: Sequence[IntentKind], entries: Sequence[FaqEntry], examples: Sequence[Example]
) -> list[tuple[str, int]]:
    """Normal forms with their entry; the phrases of a kind lead to the entry that answers it."""
    more: dict[str, list[str]] = {}
    for kind in kinds:
        more.setdefault(kind.faq, []).extend(kind.phrases)
    for example in examples:
        more.setdefault(example.faq, []).append(example.text)
    return [
        (normalise(text).text, at)
        for at, entry in enumerate(entries)
        for text in dict.fromkeys((*entry.texts, *more.get(entry.id, ())))
    ]


def _sentences(
    kinds: Sequence[IntentKind], entries: Sequence[FaqEntry], examples: Sequence[Example]
) -> dict[str, tuple[str, str]]:
    """Normal forms with their family and kind, the kind empty where only the family is known. What
    the knowledge base itself says goes before the examples."""
    families = {kind.family for kind in kinds}
    known = {kind.id for kind in kinds}
    said = [(e.text, e.family, e.kind if e.id in known else "") for e in examples]
    said += [(text, entry.family, "") for entry in entries for text in entry.texts]
    said += [(phrase, kind.family, kind.kind) for kind in kinds for phrase in kind.phrases]
    found = {normalise(text).text: (family, kind) for text, family, kind in said
             if family in families}  # fmt: skip
    return {text: of for text, of in found.items() if text}


def _intents(sentences: dict[str, tuple[str, str]]) -> LearnedIntents:
    if not sentences:
        return NO_INTENTS
    texts = list(sentences)
    vectorizer = TfidfVectorizer(
        analyzer=intent_features, sublinear_tf=True, dtype=np.float32,
        min_df=MIN_TEXTS if len(texts) > FEW_TEXTS else 1,
    )  # fmt: skip
    rows = csr_matrix(vectorizer.fit_transform(texts))
    of = np.array([*sentences.values()])
    families, family_weights, family_bias = _regression(rows, of[:, 0])
    kinds, weights, bias = _kinds(rows, of)
    return LearnedIntents(
        tuple(vectorizer.get_feature_names_out()), vectorizer.idf_.astype(np.float32),
        families, family_weights, family_bias, kinds, weights, bias,
    )  # fmt: skip


def _kinds(rows: csr_matrix, of: Labels) -> tuple[tuple[str, ...], Floats, Floats]:
    """The kinds of each family against each other; ``of``: family and kind of each row."""
    names: list[str] = []
    weights: list[Floats] = []
    bias: list[Floats] = []
    for family in sorted(set(of[:, 0])):
        at = np.flatnonzero((of[:, 0] == family) & (of[:, 1] != ""))
        if not len(at):
            continue
        found, weight, constant = _regression(rows[at], of[at, 1])
        names += [f"{family}.{kind}" for kind in found]
        weights.append(weight)
        bias.append(constant)
    return tuple(names), np.hstack(weights), np.concatenate(bias)


def _regression(rows: csr_matrix, labels: Labels) -> tuple[tuple[str, ...], Floats, Floats]:
    """Each class against the others, all of equal weight, by averaged stochastic gradients (Xu,
    2011): a second where the exact solution takes ten. A single class is certain."""
    names = sorted(map(str, set(labels)))
    if len(names) == 1:
        return tuple(names), np.zeros((rows.shape[1], 1), np.float32), np.zeros(1, np.float32)
    model = SGDClassifier(
        loss="log_loss", alpha=HELD_BACK, max_iter=ROUNDS, tol=None, average=True,
        class_weight="balanced", random_state=0,
    )  # fmt: skip
    # One BLAS thread: several wait for each other longer than they compute here.
    with threadpool_limits(1):
        model.fit(rows, labels)
    weights, bias = model.coef_, model.intercept_
    if len(names) == 2:  # scikit-learn tells two classes apart by one score
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    # Rounded here, so that what is kept and loaded again decides exactly as what was learned.
    halves = np.ascontiguousarray(weights.T, np.float16)
    return tuple(names), halves.astype(np.float32), bias.astype(np.float32)


def _base(
    owned: list[tuple[str, int]], rows: csr_matrix, classifier: IntentClassifier, entries: int
) -> _Base:
    owner = np.array([at for _, at in owned], dtype=np.int32)
    ones = np.ones(len(owned), np.float32)
    shape = (entries, len(owned))
    member = csr_matrix((ones, (owner, np.arange(len(owned)))), shape=shape)
    texts = [text for text, _ in owned]
    families, kinds = classifier.probabilities(texts)
    topics = np.sqrt(families[:, classifier.layout.of] * kinds)
    return _Base(tuple(texts), owner, rows, member, topics)


def _projection(embedding: Embedding | None, vocabulary: tuple[str, ...]) -> Floats:
    """The embedding's rows in the order of the vocabulary; what it does not know is zero."""
    if embedding is None:
        return np.zeros((len(vocabulary), 0), np.float32)
    known = {feature: at for at, feature in enumerate(embedding.vocabulary)}
    found = np.zeros((len(vocabulary), embedding.projection.shape[1]), np.float32)
    places = [(at, known[f]) for at, f in enumerate(vocabulary) if f in known]
    found[[at for at, _ in places]] = embedding.projection[[at for _, at in places]]
    return found
