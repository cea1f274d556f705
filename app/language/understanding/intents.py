"""Intent kinds, and probabilities over them for a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from app.language.understanding.normalise import normalise


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


def training_rows(kinds: Sequence[IntentKind]) -> tuple[list[str], list[str]]:
    """Normal forms and their labels."""
    pairs = [(normalise(phrase).text, kind.id) for kind in kinds for phrase in kind.phrases]
    return [text for text, _ in pairs], [label for _, label in pairs]


class IntentClassifier:
    """Softmax regression: ``weights`` of the features ``common`` (columns of the encoder)."""

    def __init__(
        self, labels: Sequence[str], common: NDArray[np.int32], weights: NDArray[np.float32],
        bias: NDArray[np.float32], columns: int,
    ) -> None:  # fmt: skip
        self.labels = tuple(labels)
        self._weights = weights
        self._bias = bias
        # Most features belong to one text alone and weigh nothing: no room is spent on them.
        self._place = np.full(columns, -1, np.int32)
        self._place[common] = np.arange(len(common), dtype=np.int32)

    def probabilities(self, rows: csr_matrix) -> NDArray[np.float32]:
        """One row a text, over ``labels``."""
        place = self._place[rows.indices]
        kept = place >= 0
        ends = np.concatenate(([0], np.cumsum(kept)))[rows.indptr]
        small = csr_matrix(
            (rows.data[kept], place[kept], ends), shape=(rows.shape[0], len(self._weights))
        )
        scores = np.asarray(small @ self._weights) + self._bias
        exponent = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(exponent / exponent.sum(axis=1, keepdims=True), dtype=np.float32)
