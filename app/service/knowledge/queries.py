"""What the workshop of the knowledge base reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.service.calls.records import Call, Utterance
from app.service.knowledge.records import (
    AnswerHit,
    KnowledgeEdit,
    KnowledgeJob,
    KnowledgeVersion,
    LearningItem,
    LearningRun,
    ShadowDifference,
)


@dataclass(frozen=True, slots=True)
class EntryCount:
    """Of real utterances: ``hits`` found first; ``wrong`` of them corrected away; ``missed``."""

    hits: int = 0
    wrong: int = 0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The newest of items that say the same, and how many there are."""

    item: LearningItem
    count: int


@dataclass(frozen=True, slots=True)
class HitRow:
    """A real utterance for which an entry was found."""

    hit: AnswerHit
    utterance: Utterance


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """An utterance of a finished call, and whose names may be in it."""

    utterance: Utterance
    call: Call
    names: tuple[str, ...]


class KnowledgeQueries(Protocol):
    """What the pages of the knowledge base read. Blocking."""

    def versions(self, limit: int = 50) -> Sequence[KnowledgeVersion]:
        """Versions, newest first."""
        ...

    def version(self, version_id: int) -> KnowledgeVersion | None: ...
    def published(self) -> KnowledgeVersion | None: ...
    def draft(self) -> KnowledgeVersion | None: ...
    def files(self, version_id: int) -> Mapping[str, str]: ...
    def has_embedding(self, version_id: int) -> bool: ...
    def edits(self, version_id: int) -> Sequence[KnowledgeEdit]: ...
    def jobs(self, version_id: int) -> Mapping[str, KnowledgeJob]:
        """The newest job of each kind."""
        ...

    def counts(self, since: datetime) -> Mapping[str, EntryCount]:
        """How real utterances met the entries, by entry."""
        ...

    def hits(self, entry: str, limit: int = 30) -> Sequence[HitRow]: ...
    def corrections(self, entry: str, limit: int = 30) -> Sequence[LearningItem]:
        """Utterances that agents moved to this entry or away from it."""
        ...

    def queue(self, source: str = "", state: str = "open", limit: int = 100) -> Sequence[QueueRow]:
        """Corrected first, then the most frequent, the newest."""
        ...

    def item(self, item_id: int) -> LearningItem | None: ...
    def open_items(self) -> int: ...
    def differences(self, version_id: int, limit: int = 100) -> Sequence[ShadowDifference]: ...
    def learning_runs(self, limit: int = 10) -> Sequence[LearningRun]:
        """Nights of learning, newest first."""
        ...

    def learnable(self, since: datetime, limit: int) -> Sequence[StoredSentence]:
        """Of calls that have ended, newest first: what was heard again or corrected."""
        ...

    def corrected(self, limit: int) -> Sequence[StoredSentence]:
        """What a person has corrected, of calls with a recording, newest first."""
        ...
