"""The knowledge base as a whole: what is in it, and what is told of content that cannot be used."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.bands import Bands
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.faq import FaqEntry
from app.language.understanding.intents import IntentKind
from app.language.understanding.learned import Learned
from app.language.understanding.lexicon import Lexicon
from app.language.understanding.sentences import SentenceModel


class ContentError(Exception):
    """Content that cannot be used: names the file, the line and what was expected.

    ``message`` is a template in English (a key of the catalogues) for ``values``.
    """

    def __init__(self, message: str, *, file: str = "", line: int = 0, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.values = values

    def at(self, file: str, line: int) -> "ContentError":
        """The same error with another file and line."""
        return ContentError(self.message, file=file, line=line, **self.values)

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}: " if self.line else f"{self.file}: "
        return (place if self.file else "") + self.message.format(**self.values)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """``families``: names of the intent families by language; ``words``: the parsed lexicon.

    ``calibration``: labelled utterances that confidence is fitted on, apart from ``tests``.
    """

    families: Mapping[str, Mapping[str, str]]
    kinds: tuple[IntentKind, ...]
    words: Mapping[str, Any]
    entries: tuple[FaqEntry, ...]
    tests: tuple[LabelledUtterance, ...]
    calibration: tuple[LabelledUtterance, ...]

    @property
    def lexicon(self) -> Lexicon:
        """Build the lexicon from the parsed words. Raises KeyError if a section is missing."""
        return Lexicon.from_data(self.words)

    def entry(self, entry_id: str) -> FaqEntry | None:
        return next((e for e in self.entries if e.id == entry_id), None)

    def kind(self, kind_id: str) -> IntentKind | None:
        return next((k for k in self.kinds if k.id == kind_id), None)


def make_engine(
    knowledge: Knowledge, learned: Learned, bands: Bands | None = None,
    model: SentenceModel | None = None,
) -> UnderstandingEngine:  # fmt: skip
    """An engine on what was learned of this very knowledge base, with this very model."""
    return UnderstandingEngine(
        knowledge.kinds, knowledge.lexicon, knowledge.entries, learned, bands, model
    )
