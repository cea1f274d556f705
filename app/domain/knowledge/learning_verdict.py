"""Whether a model that learned is used: by its errors on words that a person corrected."""

import hashlib
from typing import Protocol

from app.domain.knowledge.learning_run import LearningEvent

#: Fewer corrected characters tell nothing: 200 with 10 % errors are 6 to 14 %.
FEWEST_CHARACTERS = 200
#: Of all characters; half a point is a fifth less work where 2.5 % are wrong. Less than this, one
#: character of 200, is no difference: new words are worth it.
BETTER_BY = 0.005


class Errors(Protocol):
    """Wrong characters of a model in the corrected words that nothing was learned from."""

    @property
    def wrong(self) -> int: ...
    @property
    def characters(self) -> int: ...
    @property
    def cer(self) -> float:
        """The one by the other."""
        ...


def verdict(before: Errors, after: Errors, new_words: int) -> LearningEvent:
    """Better by the margin, or not worse by it and it knows more words; else it is thrown away."""
    if after.characters < FEWEST_CHARACTERS:
        return LearningEvent.TOO_FEW
    if after.cer <= before.cer - BETTER_BY:
        return LearningEvent.BETTER
    if after.cer <= before.cer + BETTER_BY and new_words:
        return LearningEvent.BETTER
    return LearningEvent.WORSE


def is_held_apart(call_id: str) -> bool:
    """Of calls with corrected words one half is learned from and the other only judges, always the
    same ones."""
    return hashlib.sha256(call_id.encode()).digest()[0] % 2 == 0
