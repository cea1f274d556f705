"""What may be asked of the knowledge base: one dataclass a command, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.language.knowledge.edits import Edit
from app.language.understanding.engine import Understanding


@dataclass(frozen=True, slots=True)
class SeedKnowledge:
    """The files of the installation: published where nothing of the operator's own was yet."""

    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EditKnowledge:
    """A change of the draft, which is opened where there is none. Result: the draft's id."""

    who: str
    edit: Edit
    item_id: int | None = None


@dataclass(frozen=True, slots=True)
class StartJob:
    """``kind``: check, test or embedding, of the draft as it is now. Result: the job's id."""

    who: str
    version_id: int
    kind: str


@dataclass(frozen=True, slots=True)
class ProgressJob:
    job_id: int
    progress: int
    detail: str


@dataclass(frozen=True, slots=True)
class FinishJob:
    """``result`` of a job, or ``error``; ``embedding`` where a training won."""

    job_id: int
    result: Mapping[str, Any] | None
    error: str = ""
    embedding: bytes = b""


@dataclass(frozen=True, slots=True)
class DecideDraft:
    """``action``: publish (``reason`` where it is risky), discard, shadow_on, shadow_off."""

    who: str
    version_id: int
    action: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UpdateDraft:
    """Another version was published since the draft began: its changes are made again on that."""

    who: str
    version_id: int


@dataclass(frozen=True, slots=True)
class RestoreVersion:
    """Publish an earlier version again, as a new one."""

    who: str
    version_id: int


@dataclass(frozen=True, slots=True)
class CorrectUtterance:
    """An agent says what an utterance means: an intent kind, or an entry, or nothing of ours."""

    utterance_id: int
    user_id: int
    wanted: str
    wanted_faq: str = ""


@dataclass(frozen=True, slots=True)
class DismissItem:
    """Nothing is to be learned from this utterance (and its like)."""

    who: str
    item_id: int


@dataclass(frozen=True, slots=True)
class NoteShadow:
    """A draft looked at a live utterance; ``live`` and ``draft`` where they differ."""

    version_id: int
    utterance_id: int
    text: str
    live: Understanding | None = None
    draft: Understanding | None = None
