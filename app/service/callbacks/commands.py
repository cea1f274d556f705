"""What may be asked of messages and call-backs: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.ids import CallbackId, TaskId, VoicemailId
from app.domain.people.permission import Permission
from app.service.command import Command, SystemCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVoicemail(SystemCommand[None]):
    """A voice message begins or ends at this frame of the recording."""

    call_id: str
    start_frame: int
    end_frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleVoicemail(Command[VoicemailId]):
    """An agent claims a message (``claim``) or is done with it (``done``)."""

    needs = (Permission.CALL_BACK,)

    voicemail_id: VoicemailId
    action: str
    note: str = ""

    def audit_subject(self) -> str:
        return f"voicemail {self.voicemail_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleTask(Command[TaskId]):
    """``outcome``: done, dropped, or later (due again in ``hours``)."""

    needs = (Permission.TAKE_CALLS,)

    task_id: TaskId
    outcome: str
    note: str = ""
    hours: int = 2

    def audit_subject(self) -> str:
        return f"task {self.task_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCallback(Command[CallbackId]):
    """``event`` of domain.callbacks.callback: claim, release, reached or no_answer."""

    needs = (Permission.CALL_BACK,)

    callback_id: CallbackId
    event: str
    note: str = ""

    def audit_subject(self) -> str:
        return f"callback {self.callback_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraftedTicket(Command[CallbackId]):
    """The ticket that a call-back's caller asked for, completed by who rings back."""

    needs = (Permission.CALL_BACK,)

    callback_id: CallbackId
    address: str
    phone: str
    promise: str = ""
    brief: str = ""

    def audit_subject(self) -> str:
        return f"callback {self.callback_id}"
