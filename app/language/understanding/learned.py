"""What is learned from content: plain arrays, so that it can be kept and loaded again."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

#: Changes whenever what is learned (or how) changes; what was kept under another is learned anew.
VERSION = 4

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
class LearnedIntents:
    """What intents are told by: C features of F families and K kinds (``family.kind``).

    ``idf`` [C]; ``family_weights`` [C, F], ``family_bias`` [F]; ``weights`` [C, K], ``bias`` [K]:
    the kinds' scores compare within their family only.
    """

    vocabulary: tuple[str, ...]
    idf: Floats
    families: tuple[str, ...]
    family_weights: Floats
    family_bias: Floats
    kinds: tuple[str, ...]
    weights: Floats
    bias: Floats

    def arrays(self, of: str = "intents") -> dict[str, NDArray[Any]]:
        """The arrays that ``numpy.savez`` stores, their names beginning with ``of``."""
        packed = {name: _pack(getattr(self, name)) for name in _INTENT_TEXTS}
        plain = {name: getattr(self, name) for name in _INTENT_PLAIN}
        halves = {name: getattr(self, name).astype(np.float16) for name in _INTENT_WEIGHTS}
        return {f"{of}_{name}": array for name, array in {**packed, **plain, **halves}.items()}

    @classmethod
    def from_arrays(cls, arrays: Arrays, of: str = "intents") -> "LearnedIntents":
        """Read what ``arrays`` gave. Raises KeyError if an array is missing."""
        given: dict[str, Any] = {n: _unpack(arrays[f"{of}_{n}"]) for n in _INTENT_TEXTS}
        given |= {name: arrays[f"{of}_{name}"] for name in _INTENT_PLAIN}
        for name in _INTENT_WEIGHTS:
            given[name] = arrays[f"{of}_{name}"].astype(np.float32)
        return cls(**given)


_INTENT_TEXTS = ("vocabulary", "families", "kinds")
_INTENT_PLAIN = ("idf", "family_bias", "bias")
#: Kept in half precision, as they were rounded when they were learned.
_INTENT_WEIGHTS = ("family_weights", "weights")

_NO = np.zeros((0, 0), np.float32)
NO_INTENTS = LearnedIntents((), _NO[0:0].ravel(), (), _NO, _NO.ravel(), (), _NO, _NO.ravel())


@dataclass(frozen=True, slots=True)
class Calibration:
    """Coefficients that make probabilities mean what they say; the defaults were found on our
    content.

    ``faq``: of 1, score, lead over the second, log probability of meaning something, strangeness
    (Platt scaling). ``views``: what the family's log probability by words, that by the sentence's
    meaning and the height of the family's best entry count; ``bare``: the same without meaning;
    then, in both, a constant for each of the learned families in their order (none: zeros).
    """

    faq: tuple[float, ...] = (-7.3, 16.7, 0.0, 1.0, -1.0)
    views: tuple[float, ...] = (0.5, 0.5, 1.0)
    bare: tuple[float, ...] = (1.0, 0.0, 1.0)

    def answer(self, height: float, lead: float, own: float, strangeness: float) -> float:
        """Probability that the entry is the answer."""
        given = (1.0, height, lead, log(max(own, 1e-6)), strangeness)
        return _logistic(sum(c * x for c, x in zip(self.faq, given, strict=True)))


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value)) if value > -60 else 0.0


@dataclass(frozen=True, slots=True)
class Learned:
    """F features, K kinds, T texts of E entries.

    ``idf`` [F]; ``owner`` [T] the entry of each of ``texts``; ``centroids`` [F, E]; ``topics``
    [K, E]; ``projection`` [F, D] and ``embedded`` [D, E], D may be 0; ``reasons``: why somebody
    leaves, as families.
    """

    vocabulary: tuple[str, ...]
    idf: Floats
    pairs: frozenset[str]
    intents: LearnedIntents
    texts: tuple[str, ...]
    owner: NDArray[np.int32]
    centroids: csr_matrix
    topics: Floats
    calibration: Calibration
    projection: Floats
    embedded: Floats
    reasons: LearnedIntents = NO_INTENTS

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays that ``numpy.savez`` stores; texts are normal forms without line breaks."""
        packed = {
            name: _pack(sorted(value) if name == "pairs" else value)
            for name in ("vocabulary", "pairs", "texts")
            for value in [getattr(self, name)]
        }
        plain = {name: getattr(self, name) for name in _PLAIN}
        matrix = self.centroids
        sparse = {
            "centroid_data": matrix.data, "centroid_indices": matrix.indices,
            "centroid_ends": matrix.indptr, "centroid_shape": np.array(matrix.shape),
        }  # fmt: skip
        calibration = {
            f"calibration_{name}": np.array(getattr(self.calibration, name))
            for name in _CALIBRATION
        }
        return {**packed, **plain, **sparse, **calibration, **self.intents.arrays(),
                **self.reasons.arrays("reasons")}  # fmt: skip

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Learned":
        """Read what ``arrays`` gave. Raises KeyError if an array is missing."""
        parts = (arrays["centroid_data"], arrays["centroid_indices"], arrays["centroid_ends"])
        shape = arrays["centroid_shape"]
        return cls(
            vocabulary=_unpack(arrays["vocabulary"]), pairs=frozenset(_unpack(arrays["pairs"])),
            texts=_unpack(arrays["texts"]), intents=LearnedIntents.from_arrays(arrays),
            reasons=LearnedIntents.from_arrays(arrays, "reasons"),
            calibration=Calibration(
                **{name: tuple(arrays[f"calibration_{name}"].tolist()) for name in _CALIBRATION}
            ),
            centroids=csr_matrix(parts, shape=(int(shape[0]), int(shape[1]))),
            **{name: arrays[name] for name in _PLAIN},
        )  # fmt: skip


_PLAIN = ("idf", "owner", "topics", "projection", "embedded")
_CALIBRATION = ("faq", "views", "bare")


def _pack(texts: Any) -> NDArray[Any]:
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def _unpack(packed: NDArray[Any]) -> tuple[str, ...]:
    text = packed.tobytes().decode()
    return tuple(text.split("\n")) if text else ()
