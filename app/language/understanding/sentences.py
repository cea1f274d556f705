"""The port of a sentence model: what a sentence wants, told by its meaning.

A model is trained once on sentences of callers (``scripts/train_sentence_model``) and knows words
that no phrase of the knowledge base holds. It is one view beside the words; without it everything
works, less well.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class SentenceModel(Protocol):
    """Tells intents of normal forms apart; safe from any thread. ``name`` changes whenever its
    opinions do; ``kinds``: the intent kinds (``family.kind``) that it knows."""

    @property
    def name(self) -> str: ...
    @property
    def kinds(self) -> tuple[str, ...]: ...

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """One row a text, over ``kinds``."""
        ...


class Remembered:
    """A model that is asked about the same text several times in a row and computes once."""

    def __init__(self, model: SentenceModel, most: int = 512) -> None:
        self._model = model
        self.of = lru_cache(maxsize=most)(self._of)

    def _of(self, text: str) -> Floats:
        return np.asarray(self._model.probabilities([text])[0], np.float32)
