"""Intent kinds, and what each view thinks of a text: families first, kinds within them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.language.understanding.encode import Encoder, intent_features
from app.language.understanding.learned import Floats, LearnedIntents

#: No view is surer than this that something is not meant.
LEAST = 1e-4


@dataclass(frozen=True, slots=True)
class IntentKind:
    """One kind: ``id`` is ``family.kind``; names are for screens in both languages.

    ``faq`` is the entry that answers the kind when nothing more particular is asked.
    """

    id: str
    family: str
    kind: str
    name: Mapping[str, str]
    phrases: tuple[str, ...]
    faq: str = ""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that comes with the installation: its family, its kind where that is known, and
    the entry that answers it where one does (``kind`` and ``faq`` may be empty)."""

    text: str
    family: str
    kind: str = ""
    faq: str = ""

    @property
    def id(self) -> str:
        return f"{self.family}.{self.kind}"


@dataclass(frozen=True)
class Layout:
    """The order of families and kinds; ``of`` [K]: the family of each kind, as its place."""

    families: tuple[str, ...]
    kinds: tuple[str, ...]

    @cached_property
    def of(self) -> NDArray[np.int64]:
        at = {family: n for n, family in enumerate(self.families)}
        return np.array([at[kind.partition(".")[0]] for kind in self.kinds])

    @cached_property
    def member(self) -> Floats:
        """[K, F]: 1 where the kind is of the family."""
        return np.eye(len(self.families), dtype=np.float32)[self.of]


class IntentClassifier:
    """Softmax regression over words and their sound: of the families, and within each family."""

    def __init__(self, learned: LearnedIntents) -> None:
        self._learned = learned
        self.layout = Layout(learned.families, learned.kinds)
        self._encoder = Encoder(learned.vocabulary, learned.idf, grams=intent_features)

    def probabilities(self, texts: Sequence[str]) -> tuple[Floats, Floats]:
        """Of the families, and of each kind where its family is given; one row a text."""
        rows = self._encoder.rows(texts)
        learned = self._learned
        families = softmax(_scores(rows, learned.family_weights, learned.family_bias))
        raised = np.exp(_scores(rows, learned.weights, learned.bias))
        return families, within(raised, self.layout.member)

    def is_written(self, characters: str) -> bool:
        """Whether up to three characters often stand so in what was learned: then nobody
        misheard."""
        return self._encoder.is_common(characters)

    @property
    def labels(self) -> tuple[str, ...]:
        """The kinds, in the order of all probabilities of kinds."""
        return self.layout.kinds


def _scores(rows: csr_matrix, weights: Floats, bias: Floats) -> Floats:
    return np.clip(np.asarray(rows @ weights) + bias, -30, 30)


def softmax(scores: Floats) -> Floats:
    """Probabilities of scores, row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def within(kinds: Floats, member: Floats) -> Floats:
    """Positive values of kinds as shares of their families', row by row."""
    totals = (kinds @ member) @ member.T
    return np.asarray(kinds / np.maximum(totals, 1e-12), dtype=np.float32)
