"""The port of a sentence model: what a sentence wants, told by its meaning.

A model is trained once on sentences of callers (``scripts/train_sentence_model``) and knows words
that no phrase of the knowledge base holds. It is one view beside the words; without it everything
works, less well.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from app.language.understanding.learned import Floats


class Meant(NamedTuple):
    """What a sentence means: probabilities of the model's ``kinds`` and of its ``reasons``."""

    kinds: Floats
    reasons: Floats


class SentenceModel(Protocol):
    """Tells what normal forms mean apart; safe from any thread. ``name`` changes whenever its
    opinions do; ``kinds``: the intent kinds (``family.kind``) that it knows; ``reasons``: why
    somebody leaves, ``none`` among them."""

    @property
    def name(self) -> str: ...
    @property
    def kinds(self) -> tuple[str, ...]: ...

    @property
    def reasons(self) -> tuple[str, ...]: ...

    def meant(self, texts: Sequence[str]) -> Sequence[Meant]:
        """One for each text."""
        ...


class Remembered:
    """A model that is asked about the same text several times in a row and computes once."""

    def __init__(self, model: SentenceModel, most: int = 2048) -> None:
        self._model = model
        self._most = most
        self._known: dict[str, Meant] = {}

    def of(self, text: str) -> Meant:
        """What the model thinks of a text."""
        found = self._known.get(text)
        if found is None:
            found = self._model.meant([text])[0]
            self._keep(text, found)
        return found

    def prepare(self, texts: Sequence[str]) -> None:
        """Compute many at once: half the time that they take one by one."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known][: self._most]
        for text, found in zip(new, self._model.meant(new), strict=True) if new else ():
            self._keep(text, found)

    def _keep(self, text: str, found: Meant) -> None:
        self._known[text] = found
        while len(self._known) > self._most:
            self._known.pop(next(iter(self._known)), None)
