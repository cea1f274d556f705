"""What may be asked of the application: one dataclass a command, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain import call as calls
from app.domain.customer_row import CustomerRow
from app.domain.dialog_vocabulary import DialogEvent
from app.language.engine import Understanding
from app.language.knowledge_edits import Edit
from app.service.ports import Word


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A bridge offers a call, or reports one that began while no brain answered."""

    call_id: str
    bridge: str
    sip_call_id: str
    caller: str
    called: str
    started_at: datetime
    wanted: int | None = None


@dataclass(frozen=True, slots=True)
class AdmitCall:
    """Where does a new call go? ``overload``: with so many waiting the robot takes it."""

    robot: bool = True
    overload: int = 0


@dataclass(frozen=True, slots=True)
class AdvanceCall:
    """Something happened to a call. The result is the list of effects for the line."""

    call_id: str
    event: calls.Event


@dataclass(frozen=True, slots=True)
class AssignWaiting:
    """An agent may have become free for a call that waits."""

    call_id: str


@dataclass(frozen=True, slots=True)
class NoteRecording:
    """Where the recording is; ``error`` where it failed (supervisors are warned)."""

    call_id: str
    path: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class NoteHeard:
    """Hearing begins at this frame: what came before were prompts and music."""

    call_id: str
    frame: int


@dataclass(frozen=True, slots=True)
class NoteDeaf:
    """The recogniser failed: this side's transcript has a gap between these frames."""

    call_id: str
    side: str
    from_frame: int
    until_frame: int


@dataclass(frozen=True, slots=True)
class CloseCall:
    """The bridge has ended the call and all its audio was heard."""

    call_id: str
    frames: int
    voicemail_from_frame: int | None = None


@dataclass(frozen=True, slots=True)
class RecordUtterance:
    """One side has said something; ``understanding`` only for the caller's side.

    ``heard_frames``: (caller, agent) frames that need not be heard again after a restart;
    ``final_at``: when the recogniser gave the final text (to measure how long the card takes).
    """

    call_id: str
    side: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    understanding: Understanding | None
    heard_frames: tuple[int, int]
    final_at: datetime | None = None


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
class ChangePresence:
    """An agent goes ready, on break or offline."""

    user_id: int
    event: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """An agent's phone has another SIP address."""

    user_id: int
    line: str


@dataclass(frozen=True, slots=True)
class OpenCase:
    """The caller asks to stop: heard, or noted by the agent."""

    call_id: str
    kind: str
    user_id: int


@dataclass(frozen=True, slots=True)
class StepCase:
    """``action``: kind, reason, offer, accept, decline, proceed, stay; ``value`` goes with it."""

    case_id: int
    user_id: int
    action: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A field ticket from a call; empty fields are taken from customer and case."""

    call_id: str
    user_id: int
    kind: str = "retention"
    address: str = ""
    phone: str = ""
    promise: str = ""
    brief: str = ""
    grid_id: int | None = None


@dataclass(frozen=True, slots=True)
class StepTicket:
    ticket_id: int
    by: str
    event: str
    note: str = ""
    reason: str = ""
    technician_id: int | None = None


@dataclass(frozen=True, slots=True)
class LinkCustomer:
    """The agent chooses which household the caller belongs to."""

    call_id: str
    customer_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised in a call, and by when: it becomes a task."""

    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class FinishWrapUp:
    """Disposition, summary (and the draft that it was made from), promises; ready again."""

    call_id: str
    user_id: int
    disposition: str
    note: str = ""
    promises: tuple[Promise, ...] = ()
    draft: str = ""


@dataclass(frozen=True, slots=True)
class TickDisclosure:
    """The agent says that a statement was made though it was not heard."""

    disclosure_id: int
    user_id: int


@dataclass(frozen=True, slots=True)
class AddCustomer:
    """A household that is not in the books yet; the call is linked to it."""

    call_id: str
    user_id: int
    name: str
    phone: str
    address: str
    grid_id: int
    plan_code: str


@dataclass(frozen=True, slots=True)
class TakeCustomers:
    """What the operator's customer system says about the number that calls."""

    call_id: str
    rows: tuple[CustomerRow, ...]


@dataclass(frozen=True, slots=True)
class SendMessage:
    """An SMS by template to the caller (or another number)."""

    call_id: str
    user_id: int
    template: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class SettleMessage:
    """What came of an attempt to send; ``error`` empty where it was taken."""

    message_id: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class StepGuide:
    """``action``: yes, no, unsure, back, solved or ticket; the first one begins the guide."""

    call_id: str
    user_id: int
    tree: str
    action: str


@dataclass(frozen=True, slots=True)
class ReportOutage:
    """A grid is down for so many hours, or (``ended``) is up again."""

    who: str
    grid_id: int
    text: str = ""
    hours: int = 4
    ended: bool = False


@dataclass(frozen=True, slots=True)
class SettleTask:
    """``outcome``: done, dropped, or later (due again in ``hours``)."""

    task_id: int
    user_id: int
    outcome: str
    note: str = ""
    hours: int = 2


@dataclass(frozen=True, slots=True)
class SettleCard:
    """``fate`` of the card of an utterance: answered, dismissed, or front (bring it back)."""

    utterance_id: int
    user_id: int
    fate: str


@dataclass(frozen=True, slots=True)
class ChooseMode:
    """The agent's screen shows all words to say (novice) or keeps them folded (expert)."""

    user_id: int
    mode: str


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form of prompts/agent/forms.yaml, filled in during a call."""

    call_id: str
    user_id: int
    form: str
    values: Mapping[str, str]
    grid_id: int | None = None


@dataclass(frozen=True, slots=True)
class SetStock:
    """How many of an item of offers are left."""

    who: str
    item: str
    left: int


@dataclass(frozen=True, slots=True)
class TalkToRobot:
    """Something happened in the robot's conversation; the result is a RobotTurn.

    ``at_ms`` of the recording, for the transcript of what the robot says.
    """

    call_id: str
    event: DialogEvent
    at_ms: int = 0


@dataclass(frozen=True, slots=True)
class PublishDialogs:
    """The robot follows these dialogs (YAML) from the next conversation step on."""

    who: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class StepCallback:
    """``event`` of domain.callback: claim, release, reached or no_answer."""

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


@dataclass(frozen=True, slots=True)
class Once:
    """A command that must not be carried out twice, under the key of a click."""

    key: str
    command: object
