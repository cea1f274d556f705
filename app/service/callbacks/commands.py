"""What may be asked of messages and call-backs: one dataclass a command, imperative."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileVoicemail:
    """A voice message begins or ends at this frame of the recording."""

    call_id: str
    start_frame: int
    end_frame: int | None = None


@dataclass(frozen=True, slots=True)
class SettleVoicemail:
    """An agent claims a message (``claim``) or is done with it (``done``)."""

    voicemail_id: int
    user_id: int
    action: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SettleTask:
    """``outcome``: done, dropped, or later (due again in ``hours``)."""

    task_id: int
    user_id: int
    outcome: str
    note: str = ""
    hours: int = 2


@dataclass(frozen=True, slots=True)
class StepCallback:
    """``event`` of domain.callbacks.callback: claim, release, reached or no_answer."""

    callback_id: int
    user_id: int
    event: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """The ticket that a call-back's caller asked for, completed by who rings back."""

    callback_id: int
    user_id: int
    address: str
    phone: str
    promise: str = ""
    brief: str = ""
