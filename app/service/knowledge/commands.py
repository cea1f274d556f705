"""What may be asked of the knowledge base: one dataclass a command, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.ids import JobId, LearningRunId, UtteranceId, VersionId
from app.domain.knowledge.learning_run import LearningEvent
from app.domain.people.permission import Permission
from app.language.knowledge.edits import Edit, ReplaceFiles, subject
from app.language.understanding.understood import Understanding
from app.service.command import AuditLine, Command, SystemCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedKnowledge(SystemCommand[VersionId | None]):
    """The files of the installation: published where nothing of the operator's own was yet."""

    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditKnowledge(Command[VersionId]):
    """A change of the draft, which is opened where there is none. Result: the draft's id."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    edit: Edit
    item_id: int | None = None

    def audit_line(self) -> AuditLine:
        imported = isinstance(self.edit, ReplaceFiles)
        return AuditLine(
            "knowledge_import" if imported else "knowledge_edit", "draft", subject(self.edit)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartJob(Command[JobId]):
    """``kind``: check, test or embedding, of the draft as it is now. Result: the job's id."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    version_id: VersionId
    kind: str

    def audit_subject(self) -> str:
        return f"version {self.version_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldJob(SystemCommand[None]):
    """Whoever runs the job still lives."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLostJobs(SystemCommand[None]):
    """Jobs whose runner is no more never end by themselves: they have failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressJob(SystemCommand[None]):
    job_id: JobId
    progress: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishJob(SystemCommand[None]):
    """``result`` of a job, or ``error``; ``embedding`` where a training won."""

    job_id: JobId
    result: Mapping[str, Any] | None
    error: str = ""
    embedding: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDraft(Command[VersionId]):
    """``action``: publish (``reason`` where it is risky), discard, shadow_on, shadow_off."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    version_id: VersionId
    action: str
    reason: str = ""

    def audit_line(self) -> AuditLine:
        return AuditLine(f"knowledge_{self.action}"[:48], f"version {self.version_id}", self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateDraft(Command[VersionId]):
    """Another version was published since the draft began: its changes are made again on that."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    version_id: VersionId

    def audit_subject(self) -> str:
        return f"version {self.version_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreVersion(Command[VersionId]):
    """Publish an earlier version again, as a new one."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    version_id: VersionId

    def audit_line(self) -> AuditLine:
        return AuditLine("knowledge_restore", f"version {self.version_id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectUtterance(Command[None]):
    """An agent says what an utterance means: an intent kind, or an entry, or nothing of ours."""

    needs = (Permission.TAKE_CALLS,)
    audited = False

    utterance_id: UtteranceId
    wanted: str
    wanted_faq: str = ""

    def audit_subject(self) -> str:
        return f"utterance {self.utterance_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectWords(Command[None]):
    """A person has listened: these words were said. Empty: nobody knows."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    call_id: str
    utterance_id: UtteranceId
    text: str

    def audit_subject(self) -> str:
        return f"utterance {self.utterance_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissItem(Command[None]):
    """Nothing is to be learned from this utterance (and its like)."""

    needs = (Permission.EDIT_KNOWLEDGE,)

    item_id: int

    def audit_subject(self) -> str:
        return f"item {self.item_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShadow(SystemCommand[None]):
    """A draft looked at a live utterance; ``live`` and ``draft`` where they differ."""

    version_id: VersionId
    utterance_id: UtteranceId
    text: str
    live: Understanding | None = None
    draft: Understanding | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLearning(Command[LearningRunId]):
    """The speech model is to learn from own calls, in the next quiet hour. Result: the run."""

    needs = (Permission.TEACH_SPEECH,)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUpLearning(SystemCommand[LearningRunId | None]):
    """Begin with what was asked for; None where nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveLearning(SystemCommand[None]):
    """What became of a run; ``report`` is added to what is known of it."""

    run_id: LearningRunId
    event: LearningEvent
    detail: str = ""
    report: Mapping[str, Any] | None = None
    model: str = ""
    model_before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLearning(SystemCommand[None]):
    """Whoever works on the run still lives."""

    run_id: LearningRunId


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLostLearning(SystemCommand[None]):
    """A run whose worker is no more is taken up again, or has failed for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsistLearning(Command[None]):
    """Use the model of a run though too few corrected words could judge it."""

    needs = (Permission.TEACH_SPEECH,)

    run_id: LearningRunId

    def audit_subject(self) -> str:
        return f"run {self.run_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBackLearning(Command[str]):
    """Back to the model before the last one that learned. Result: its folder."""

    needs = (Permission.TEACH_SPEECH,)
