"""The port of speech models that learned from own calls."""

from collections.abc import Collection
from typing import Protocol


class SpeechModels(Protocol):
    """Models that learned from own calls, by their folders. Blocking; raises OSError."""

    def is_there(self, model: str) -> bool: ...
    def use(self, model: str) -> None:
        """From the next call on."""
        ...

    def in_use(self) -> str: ...
    def tidy(self, needed: Collection[str]) -> None:
        """Keep the last few, those that are needed and the one in use."""
        ...

    def drop(self, model: str) -> None: ...
