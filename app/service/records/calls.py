"""Calls and what was said, done and left behind in them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class Call:
    """One call. ``heard_caller`` and ``heard_agent`` are frames already transcribed."""

    id: str
    bridge: str
    sip_call_id: str
    caller: str
    called: str
    started_at: datetime
    phase: str
    state_json: str
    customer_id: int | None = None
    agent_id: int | None = None
    intent: str = ""
    answered_at: datetime | None = None
    talked_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    disposition: str = ""
    note: str = ""
    summary_draft: str = ""
    recording: str = ""
    recording_error: str = ""
    frames: int = 0
    heard_caller: int = 0
    heard_agent: int = 0


@dataclass
class CallEvent:
    """One line of a call's time line."""

    call_id: str
    at: datetime
    kind: str
    detail: str = ""
    id: int | None = None


@dataclass
class Utterance:
    """What one side said; times are milliseconds from the start of the recording."""

    call_id: str
    side: str
    start_ms: int
    end_ms: int
    text: str
    words_json: str
    confidence: float
    intent: str = ""
    action: str = ""
    understanding_json: str = ""
    id: int | None = None


@dataclass
class Disclosure:
    """A statement that must be said in a call. ``why``: offer:CODE or a situation; ``binding``:
    what it belongs to was sold or is being changed; ``state`` of domain.disclosure."""

    call_id: str
    code: str
    why: str
    state: str
    required_at: datetime
    binding: bool = False
    at: datetime | None = None
    utterance_id: int | None = None
    id: int | None = None


@dataclass
class FaultGuide:
    """Guided fault finding in a call; ``outcome``: solved or ticket, empty while it goes on."""

    call_id: str
    tree: str
    state_json: str
    started_at: datetime
    outcome: str = ""
    ended_at: datetime | None = None
    id: int | None = None


@dataclass
class ShortMessage:
    """An SMS on its way. ``state``: queued, sent or failed (after the last attempt)."""

    phone: str
    text: str
    template: str
    created_at: datetime
    next_at: datetime
    by: str
    state: str = "queued"
    attempts: int = 0
    call_id: str | None = None
    sent_at: datetime | None = None
    error: str = ""
    id: int | None = None


@dataclass
class Task:
    """Something to do after a call. ``kind``: repair, promise or callback; ``state``: open,
    done or dropped."""

    kind: str
    text: str
    phone: str
    created_at: datetime
    due_at: datetime
    agent_id: int | None = None
    call_id: str | None = None
    customer_id: int | None = None
    state: str = "open"
    done_at: datetime | None = None
    note: str = ""
    id: int | None = None


@dataclass
class Voicemail:
    """A voice message: a stretch of a call's recording, transcribed."""

    call_id: str
    caller: str
    received_at: datetime
    start_ms: int
    end_ms: int
    customer_id: int | None = None
    text: str = ""
    intent: str = ""
    state: str = "new"
    claimed_by: int | None = None
    done_at: datetime | None = None
    note: str = ""
    id: int | None = None


@dataclass
class CardFate:
    """What became of a card on the agent's screen.

    ``fate``: shown, front (brought back by the agent), used (acted on), answered, overridden (it
    meant something else) or dismissed.
    """

    call_id: str
    utterance_id: int
    intent: str
    shown_at: datetime
    fate: str = "shown"
    settled_at: datetime | None = None
    id: int | None = None


@dataclass
class RobotTalk:
    """The robot's conversation in a call. ``place`` is where it is (or was when it ended),
    ``outcome`` what came of it: a task's code, answered, solved, bill, person, message, silent,
    or empty where the caller hung up."""

    call_id: str
    state_json: str
    place: str
    task: str
    started_at: datetime
    turns: int = 0
    outcome: str = ""
    ended_at: datetime | None = None


@dataclass
class Callback:
    """Somebody who is to be rung back. ``state`` of domain.callback; one open entry for a number
    and household, ``messages`` says how often they asked; ``draft_json``: domain.callback.Draft."""

    caller: str
    source: str
    created_at: datetime
    next_at: datetime
    state: str = "open"
    intent: str = ""
    text: str = ""
    messages: int = 1
    attempts: int = 0
    due_at: datetime | None = None
    call_id: str | None = None
    customer_id: int | None = None
    claimed_by: int | None = None
    note: str = ""
    closed_at: datetime | None = None
    draft_json: str = ""
    id: int | None = None


@dataclass
class DialogVersion:
    """The robot's dialogs as YAML; the newest is what the robot follows."""

    text: str
    created_at: datetime
    created_by: str
    note: str = ""
    id: int | None = None
