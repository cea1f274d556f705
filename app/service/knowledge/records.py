"""Versions of the knowledge base, and what is learned from calls."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(kw_only=True)
class KnowledgeVersion:
    """A version of the knowledge base; its texts are in KnowledgeText.

    ``origin``: files, workshop, import or restore; ``revision`` counts the edits of a draft.
    """

    phase: str
    origin: str
    created_at: datetime
    created_by: str
    based_on: int | None = None
    revision: int = 0
    risky: bool = False
    shadow: bool = False
    shadow_seen: int = 0
    note: str = ""
    published_at: datetime | None = None
    published_by: str = ""
    fingerprint: str = ""
    id: int | None = None


@dataclass(kw_only=True)
class KnowledgeText:
    """One file of a version."""

    version_id: int
    name: str
    text: str
    id: int | None = None


@dataclass(kw_only=True)
class KnowledgeEmbedding:
    """The trained embedding of a version (``numpy.savez``)."""

    version_id: int
    data: bytes


@dataclass(kw_only=True)
class KnowledgeEdit:
    """Who changed what in a draft."""

    version_id: int
    at: datetime
    who: str
    action: str
    subject: str
    id: int | None = None


@dataclass(kw_only=True)
class KnowledgeJob:
    """A check, a test or a training of a version. ``state`` of domain.knowledge.job; ``progress``
    in percent; ``claimed_until``: as long as whoever runs it is sure to live."""

    version_id: int
    revision: int
    kind: str
    started_at: datetime
    started_by: str
    state: str = "running"
    progress: int = 0
    detail: str = ""
    result_json: str = ""
    ended_at: datetime | None = None
    claimed_until: datetime | None = None
    id: int | None = None


@dataclass(kw_only=True)
class LearningItem:
    """An utterance that was not answered, or that an agent corrected; numbers are masked.

    ``source``: unanswered or corrected; ``state``: open, learned or dismissed.
    """

    at: datetime
    source: str
    text: str
    heard: str
    heard_faq: str = ""
    wanted: str = ""
    wanted_faq: str = ""
    call_id: str | None = None
    utterance_id: int | None = None
    reported_by: str = ""
    state: str = "open"
    settled_by: str = ""
    settled_at: datetime | None = None
    id: int | None = None


@dataclass(kw_only=True)
class LearningRun:
    """What the speech model learned from own calls in one night. ``state`` of
    domain.knowledge.learning_run; ``report_json``: what was heard, kept, learned, and the errors;
    ``model`` and ``model_before``: folders; ``claimed_until``: as long as whoever runs it lives."""

    asked_at: datetime
    asked_by: str
    state: str = "asked"
    tries: int = 0
    detail: str = ""
    report_json: str = "{}"
    model: str = ""
    model_before: str = ""
    ended_at: datetime | None = None
    claimed_until: datetime | None = None
    id: int | None = None

    @property
    def report(self) -> dict[str, Any]:
        """``heard``, ``kept``, ``rejected`` by reason, ``words``, ``before``, ``after``."""
        found: dict[str, Any] = json.loads(self.report_json)
        return found


@dataclass(kw_only=True)
class AnswerHit:
    """An entry that was found for an utterance of a caller; ``rank`` from 0."""

    at: datetime
    entry: str
    utterance_id: int
    rank: int
    score: float
    id: int | None = None


@dataclass(kw_only=True)
class ShadowDifference:
    """Where a draft would have decided otherwise than the published version."""

    version_id: int
    at: datetime
    text: str
    live_json: str
    draft_json: str
    utterance_id: int | None = None
    id: int | None = None
