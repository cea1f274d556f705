"""What may be asked of calls: one dataclass a command, imperative."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.calls import machine
from app.domain.calls.ids import AGENT, LegId
from app.domain.calls.machine import CallState
from app.domain.calls.rehearing import RehearingEvent, Span, UnheardReason
from app.domain.ids import CustomerId, UtteranceId
from app.domain.people.permission import Permission
from app.language.understanding.understood import Understanding
from app.service.calls.reheard import FirstHearing
from app.service.command import Command, SystemCommand
from app.service.ports import Word


@dataclass(frozen=True, slots=True)
class RingLine:
    """RingAgent with the address to dial."""

    agent_id: int
    uri: str
    leg: LegId = AGENT


LineEffect = machine.Effect | RingLine


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCall(SystemCommand[CallState]):
    """A bridge offers a call, or reports one that began while no brain answered."""

    call_id: str
    bridge: str
    sip_call_id: str
    caller: str
    called: str
    started_at: datetime
    wanted: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceCall(SystemCommand[list[LineEffect]]):
    """Something happened to a call, on the line or by an agent's button.

    The result is the list of effects for the line.
    """

    needs = (Permission.TAKE_CALLS, Permission.RUN_LINE)

    call_id: str
    event: machine.Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignWaiting(SystemCommand[list[LineEffect]]):
    """An agent may have become free for a call that waits."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRecording(SystemCommand[None]):
    """Where the recording is; ``error`` where it failed (supervisors are warned)."""

    call_id: str
    path: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteHeard(SystemCommand[None]):
    """Hearing begins at this frame: what came before were prompts and music."""

    call_id: str
    frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRecognitionGap(SystemCommand[None]):
    """The recogniser failed: this side's transcript has a gap between these frames."""

    call_id: str
    side: str
    from_frame: int
    until_frame: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCall(SystemCommand[None]):
    """The bridge has ended the call and all its audio was heard."""

    call_id: str
    frames: int
    voicemail_from_frame: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUtterance(SystemCommand[UtteranceId]):
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
    #: The name of the model that heard it.
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseUtterance(SystemCommand[None]):
    """The second pass has heard an utterance: its words, and what they mean (the caller's)."""

    call_id: str
    utterance_id: UtteranceId
    words: tuple[Word, ...]
    understanding: Understanding | None
    #: The name of the model that heard it again.
    by: str = ""
    #: How clear the second pass found its words; None where the first pass's stay.
    clear: float | None = None


@dataclass(frozen=True, slots=True)
class Unrevised:
    """An utterance that only the first pass has heard."""

    utterance_id: UtteranceId
    span: Span
    first: FirstHearing


@dataclass(frozen=True, slots=True)
class RehearingWork:
    """A finished call to be heard again by one brain: what was said, and ``unsearched``, where
    somebody may have spoken without a word of it in the transcript. ``known`` are all utterances,
    ``began`` the operator's wall clock at the first frame."""

    call_id: str
    recording: str
    began: datetime
    unrevised: tuple[Unrevised, ...]
    unsearched: tuple[Span, ...]
    known: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRehearing(SystemCommand[RehearingWork | None]):
    """The next finished call to hear again, for this brain alone; None: nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRehearing(SystemCommand[None]):
    """Whoever hears this call again lives."""

    call_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUtterance(SystemCommand[None]):
    """Something that only the second pass has heard, after the call; ``by`` and ``clear`` as in
    ReviseUtterance."""

    call_id: str
    side: str
    start_ms: int
    end_ms: int
    words: tuple[Word, ...]
    understanding: Understanding | None
    by: str = ""
    clear: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleRehearing(SystemCommand[None]):
    """What came of hearing a finished call again; ``why`` it was not heard."""

    call_id: str
    event: RehearingEvent
    why: UnheardReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCustomer(Command[None]):
    """The agent chooses which household the caller belongs to."""

    needs = (Permission.TAKE_CALLS,)

    call_id: str
    customer_id: CustomerId

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised in a call, and by when: it becomes a task."""

    text: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishWrapUp(Command[list[LineEffect]]):
    """Disposition, summary (and the draft that it was made from), promises; ready again."""

    needs = (Permission.TAKE_CALLS,)

    call_id: str
    disposition: str
    note: str = ""
    promises: tuple[Promise, ...] = ()
    draft: str = ""

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCard(Command[None]):
    """``fate`` of the card of an utterance: answered, dismissed, or front (bring it back)."""

    needs = (Permission.TAKE_CALLS,)
    audited = False

    utterance_id: UtteranceId
    fate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseMode(Command[None]):
    """The agent's screen shows all words to say (novice) or keeps them folded (expert)."""

    needs = (Permission.TAKE_CALLS,)
    audited = False

    mode: str
