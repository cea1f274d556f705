"""The classifiers anew, of the encoder that is there: after new sentences, in minutes."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from app.adapters.knowledge.sentence_model import FOLDER, OnnxSentenceModel
from app.language.understanding.normalise import normalise

from .sentences import load, reasons

#: Little freedom: the points of what the encoder was trained with lie further apart than others do.
FREEDOM, REASON_FREEDOM = 1.0, 3.0

Points = NDArray[np.float32]


def fit_heads() -> None:
    """Fit families, and kinds within them, to all sentences; writes heads.npz. CPU: two minutes."""
    _, sentences = load()
    model = OnnxSentenceModel(FOLDER)
    points = model.points([s.text for s in sentences])
    families = np.array([s.family for s in sentences])
    names, weights, bias = _fitted(points, families)
    kinds: list[str] = []
    kind_weights: list[Points] = []
    kind_bias: list[Points] = []
    kind_of = np.array([s.kind for s in sentences])
    for family in names:
        own = np.flatnonzero((families == family) & (kind_of != ""))
        found, weight, constant = _fitted(points[own], kind_of[own])
        kinds += found
        kind_weights.append(weight)
        kind_bias.append(constant)
    arrays = {"families": np.array(names), "kinds": np.array(kinds), "family_weights": weights, "family_bias": bias,
              "kind_weights": np.vstack(kind_weights), "kind_bias": np.concatenate(kind_bias)}  # fmt: skip
    told = reasons()
    names, weights, bias = _fitted(model.points([normalise(e.text).text for e in told]), np.array([e.family for e in told]), REASON_FREEDOM)
    arrays |= {"reasons": np.array(names), "reason_weights": weights, "reason_bias": bias}
    digest = hashlib.sha256((FOLDER / "model.onnx").read_bytes())
    for name in sorted(arrays):
        digest.update(arrays[name].tobytes())
    np.savez_compressed(FOLDER / "heads.npz", name=digest.hexdigest()[:16], **arrays)  # type: ignore[arg-type]


def _fitted(points: Points, labels: NDArray[np.str_], freedom: float = FREEDOM) -> tuple[list[str], Points, Points]:
    """Names, one row of weights a name, constants: scores whose softmax are probabilities."""
    names: Sequence[str] = sorted(map(str, set(labels)))
    if len(names) == 1:
        return [*names], np.zeros((1, points.shape[1]), np.float32), np.zeros(1, np.float32)
    model = LogisticRegression(C=freedom, max_iter=500, class_weight="balanced").fit(points, labels)
    weights, bias = model.coef_, model.intercept_
    if len(names) == 2:  # one score tells two apart
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return [*names], weights.astype(np.float32), bias.astype(np.float32)
