"""Features of a text: character 1-3-grams and half-syllable 1-4-grams, one sparse row."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from app.language import sound


def _grams(text: str, longest: int) -> list[str]:
    return [text[i : i + n] for n in range(1, longest + 1) for i in range(len(text) - n + 1)]


def features(text: str) -> list[str]:
    """All n-grams of a normal form, as written and as sounded."""
    return _grams(text, 3) + _grams(sound.half_syllables(text), 4)


class Encoder:
    """Sublinear TF-IDF over the features of all known texts; rows have length 1."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._vectorizer = TfidfVectorizer(
            analyzer=features, sublinear_tf=True, dtype=np.float32, min_df=1
        )
        self._vectorizer.fit(texts)

    def rows(self, texts: Sequence[str]) -> csr_matrix:
        """One row a text."""
        return csr_matrix(self._vectorizer.transform(texts))
