"""What is learned from content: plain arrays, so that it can be kept and loaded again."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

#: Changes whenever what is learned (or how) changes; what was kept under another is learned anew.
VERSION = 1

Floats = NDArray[np.float32]
Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Embedding:
    """A projection of features to a few dimensions, trained on the operator's own texts.

    ``projection``: float32, one row a feature of ``vocabulary``.
    """

    vocabulary: tuple[str, ...]
    projection: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays that ``numpy.savez`` stores."""
        return {"vocabulary": _pack(self.vocabulary),
                "projection": self.projection.astype(np.float16)}  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Embedding":
        """Read what ``arrays`` gave. Raises KeyError if an array is missing."""
        projection = arrays["projection"].astype(np.float32)
        return cls(_unpack(arrays["vocabulary"]), projection)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients of logistic functions (Platt scaling); the defaults were found on our content.

    ``faq``: of 1, score, lead over the second, log probability of meaning something, strangeness.
    ``intent``: of 1 and the logit of the classifier's probability.
    """

    faq: tuple[float, ...] = (-7.3, 16.7, 0.0, 1.0, -1.0)
    intent: tuple[float, ...] = (0.0, 1.0)

    def answer(self, height: float, lead: float, own: float, strangeness: float) -> float:
        """Probability that the entry is the answer."""
        given = (1.0, height, lead, log(max(own, 1e-6)), strangeness)
        return _logistic(sum(c * x for c, x in zip(self.faq, given, strict=True)))

    def family(self, probability: float) -> float:
        """Probability that the family is right, from the classifier's."""
        bounded = min(max(probability, 1e-6), 1 - 1e-6)
        return _logistic(self.intent[0] + self.intent[1] * log(bounded / (1 - bounded)))


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -60 else 0.0


@dataclass(frozen=True, slots=True)
class Learned:
    """F features, K kinds, T texts of E entries.

    ``idf`` [F]; ``common`` the features with ``weights`` [C, K]; ``bias`` [K]; ``owner`` [T] the
    entry of each of ``texts``; ``centroids`` [F, E]; ``topics`` [K, E]; ``projection``
    [F, D] and ``embedded`` [D, E], D may be 0.
    """

    vocabulary: tuple[str, ...]
    idf: Floats
    pairs: frozenset[str]
    labels: tuple[str, ...]
    common: NDArray[np.int32]
    weights: Floats
    bias: Floats
    texts: tuple[str, ...]
    owner: NDArray[np.int32]
    centroids: csr_matrix
    topics: Floats
    calibration: Calibration
    projection: Floats
    embedded: Floats

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays that ``numpy.savez`` stores; texts are normal forms without line breaks."""
        packed = {
            name: _pack(sorted(value) if name == "pairs" else value)
            for name in ("vocabulary", "pairs", "labels", "texts")
            for value in [getattr(self, name)]
        }
        plain = {name: getattr(self, name) for name in _PLAIN}
        matrix = self.centroids
        sparse = {
            "centroid_data": matrix.data, "centroid_indices": matrix.indices,
            "centroid_ends": matrix.indptr, "centroid_shape": np.array(matrix.shape),
        }  # fmt: skip
        calibration = {
            "calibration_faq": np.array(self.calibration.faq),
            "calibration_intent": np.array(self.calibration.intent),
        }
        return {**packed, **plain, **sparse, **calibration}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Learned":
        """Read what ``arrays`` gave. Raises KeyError if an array is missing."""
        parts = (arrays["centroid_data"], arrays["centroid_indices"], arrays["centroid_ends"])
        shape = arrays["centroid_shape"]
        return cls(
            vocabulary=_unpack(arrays["vocabulary"]), pairs=frozenset(_unpack(arrays["pairs"])),
            labels=_unpack(arrays["labels"]), texts=_unpack(arrays["texts"]),
            calibration=Calibration(
                tuple(arrays["calibration_faq"].tolist()),
                tuple(arrays["calibration_intent"].tolist()),
            ),
            centroids=csr_matrix(parts, shape=(int(shape[0]), int(shape[1]))),
            **{name: arrays[name] for name in _PLAIN},
        )  # fmt: skip


_PLAIN = (
    "idf", "common", "weights", "bias", "owner", "topics", "projection", "embedded",
)  # fmt: skip


def _pack(texts: Any) -> NDArray[Any]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpack(packed: NDArray[Any]) -> tuple[str, ...]:
    text = packed.tobytes().decode()
    return tuple(text.split("\n")) if text else ()
