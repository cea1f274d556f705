"""The port of a sentence model: what a sentence wants, told by its meaning.

A model is trained once on sentences of callers (``scripts/train_sentence_model``) and knows words
that no phrase of the knowledge base holds. It is one view beside the words; without it everything
works, less well.
"""

from collections.abc import Sequence
from typing import Protocol

from app.language.understanding.learned import Floats


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

    def __init__(self, model: SentenceModel, most: int = 2048) -> None:
        self._model = model
        self._most = most
        self._known: dict[str, Floats] = {}

    def of(self, text: str) -> Floats:
        """The model's probabilities of a text, over its kinds."""
        found = self._known.get(text)
        if found is None:
            found = self._model.probabilities([text])[0]
            self._keep(text, found)
        return found

    def prepare(self, texts: Sequence[str]) -> None:
        """Compute many at once: half the time that they take one by one."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known][: self._most]
        for text, row in zip(new, self._model.probabilities(new), strict=True) if new else ():
            self._keep(text, row)

    def _keep(self, text: str, row: Floats) -> None:
        self._known[text] = row
        while len(self._known) > self._most:
            self._known.pop(next(iter(self._known)), None)
