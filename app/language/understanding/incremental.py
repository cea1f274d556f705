"""Understanding while it is still being said: fetch early, act only when it is stable.

Measured on partial texts: 50 / 61 / 73 / 81 % right at 40 / 60 / 80 / 100 % of an utterance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.language.understanding.understood import UNFINISHED, Situation, Understanding

#: How many updates in a row must say the same before it is worth preparing for.
STABLE_UPDATES = 3
SHORTEST = 3


class Understands(Protocol):
    """Whatever makes sense of an utterance in a situation."""

    def understand(self, raw: str, situation: Situation | None = None) -> Understanding: ...


class LastUnderstood:
    """An engine that is asked about the same unfinished words several times in a row, and answers
    once. Not for several threads at once."""

    def __init__(self, engine: Callable[[], Understands]) -> None:
        self._engine = engine
        self._last: Understanding | None = None

    def understand(self, raw: str, situation: Situation | None = None) -> Understanding:
        if self._last is None or self._last.text != raw:
            self._last = self._engine().understand(raw, situation)
        return self._last


@dataclass(frozen=True, slots=True)
class Early:
    """What an unfinished utterance seems to mean; ``stable`` after several equal updates."""

    understanding: Understanding
    stable: bool


class Incremental:
    """One side of one call. Not for several threads at once."""

    def __init__(self) -> None:
        self._last: Understanding | None = None
        self._same = 0

    def partial(self, engine: Understands, text: str) -> Early | None:
        """A new partial text; None while there is too little of it or it means nothing."""
        if len(text) < SHORTEST:
            self.reset()
            return None
        found = engine.understand(text, UNFINISHED)
        same = self._last is not None and self._last.intent == found.intent
        self._same = self._same + 1 if same else 1
        self._last = found
        if found.action == "none":
            return None
        return Early(found, self._same >= STABLE_UPDATES)

    def reset(self) -> None:
        self._last, self._same = None, 0
