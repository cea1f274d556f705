"""Intent kinds by logistic regression, with the agreement gate and the modality rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from app.language.encode import Encoder
from app.language.noise import Noise
from app.language.normalise import normalise

NOISE_COPIES = 2
NOISE_RATE = 0.15
MIN_TEXTS = 3


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


def load_kinds(data: Mapping[str, Any]) -> tuple[IntentKind, ...]:
    """Kinds of a parsed ``faq/intents.yaml``. Raises KeyError where a part is missing."""
    return tuple(
        IntentKind(
            f"{family}.{kind}",
            family,
            kind,
            dict(body["name"]),
            tuple(map(str, body["phrases"])),
            str(body.get("faq", "")),
        )
        for family, group in data["families"].items()
        for kind, body in group["kinds"].items()
    )


def training_rows(kinds: Sequence[IntentKind]) -> tuple[list[str], list[str]]:
    """Normal forms and their labels."""
    pairs = [(normalise(phrase).text, kind.id) for kind in kinds for phrase in kind.phrases]
    return [text for text, _ in pairs], [label for _, label in pairs]


class IntentClassifier:
    """Probabilities over kinds. Learns each phrase clean and with simulated recognition noise."""

    def __init__(self, kinds: Sequence[IntentKind], encoder: Encoder) -> None:
        texts, labels = training_rows(kinds)
        noise = Noise(seed=7)
        noisy = [noise(text, NOISE_RATE) for _ in range(NOISE_COPIES) for text in texts]
        rows = vstack([encoder.rows(texts), encoder.rows(noisy)]).tocsr()
        model = LogisticRegression(C=20, max_iter=60, tol=1e-3)
        # A feature of one phrase alone tells nothing about others, and most features are such.
        common = np.flatnonzero(rows.getnnz(axis=0) >= MIN_TEXTS)
        # One BLAS thread: several wait for each other longer than they compute here.
        with threadpool_limits(1):
            model.fit(rows[:, common], labels * (1 + NOISE_COPIES))
        self.labels: list[str] = [str(label) for label in model.classes_]
        self._weights: NDArray[np.float32] = np.zeros((rows.shape[1], len(self.labels)), np.float32)
        self._weights[common] = model.coef_.T
        self._bias: NDArray[np.float32] = model.intercept_.astype(np.float32)

    def probabilities(self, rows: csr_matrix) -> NDArray[np.float32]:
        """Softmax over ``labels``, one row an encoded text."""
        scores = np.asarray(rows @ self._weights) + self._bias
        exponent = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(exponent / exponent.sum(axis=1, keepdims=True), dtype=np.float32)
