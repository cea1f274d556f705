"""Features of a text as one sparse row: what an answer is found by, and what an intent is told by.

Half-syllables find an answer through an accent or a recognition error. For intents they are too
coarse (a single one is evidence for everything): whole syllables are told apart there.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.language.understanding import sound

#: How much a pair of syllables that no known text holds takes away from a row's length.
STRANGE_WEIGHT = 0.35

#: By how much the inverse document frequency of what is common is lower: three times as many texts.
COMMON = 1.1

Grams = Callable[[str], list[str]]


def _grams(text: str, longest: int) -> list[str]:
    return [text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)]


def features(text: str) -> list[str]:
    """All n-grams of a normal form, as written and as sounded: what an answer is found by."""
    return _grams(text, 3) + _grams(sound.half_syllables(text), 4)


def intent_features(text: str) -> list[str]:
    """Character and folded syllable 1-3-grams: what an intent is told by."""
    return _grams(text, 3) + _grams(sound.folded_syllables(text), 3)


def syllable_pairs(text: str) -> list[str]:
    """Pairs of neighbouring syllables by sound; a single one is its own pair."""
    codes = [sound.half_syllables(character) for character in text]
    return [a + b for a, b in pairwise(codes)] or codes


class Encoder:
    """Sublinear TF-IDF over the features of all known texts.

    A row has length 1 where all neighbouring syllables are known from somewhere, less where some
    are strange: what is foreign to the operator's language is near to nothing. Without ``pairs``
    every row has length 1. ``grams``: the features that the vocabulary holds.
    """

    def __init__(
        self, vocabulary: Sequence[str], idf: NDArray[np.float32], pairs: Collection[str] = (),
        grams: Grams = features,
    ) -> None:  # fmt: skip
        self._grams = grams
        self._columns = {feature: at for at, feature in enumerate(vocabulary)}
        self._weights: list[float] = idf.tolist()
        self._rarest = max(self._weights, default=0.0)
        self._known_pairs = pairs

    def is_common(self, feature: str) -> bool:
        """Whether a feature stands in three times as many texts as the rarest that is known."""
        at = self._columns.get(feature)
        return at is not None and self._weights[at] <= self._rarest - COMMON

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """Encode normal forms as a sparse matrix, one row for each text."""
        indices: list[int] = []
        data: list[float] = []
        ends = [0]
        for text in texts:
            columns, values = self._row(text)
            indices += columns
            data += values
            ends.append(len(indices))
        shape = (len(texts), len(self._columns))
        return csr_matrix((np.array(data, np.float32), indices, ends), shape=shape)

    def _row(self, text: str) -> tuple[list[int], list[float]]:
        counts = Counter(self._grams(text))
        found = [(self._columns[f], n) for f, n in counts.items() if f in self._columns]
        values = np.array([self._weights[at] * (1.0 + np.log(n)) for at, n in found])
        length = float(np.sqrt(values.dot(values))) if found else 1.0
        strange = self.strangeness(text) if self._known_pairs else 0.0
        scale = (1.0 - STRANGE_WEIGHT * strange) / length
        return [at for at, _ in found], (values * scale).tolist()

    def strangeness(self, text: str) -> float:
        """The share of neighbouring syllables that no known text holds, 0 to 1."""
        pairs = syllable_pairs(text)
        return sum(p not in self._known_pairs for p in pairs) / len(pairs) if pairs else 0.0
