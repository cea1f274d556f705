"""Calls and what was said in them."""

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
