"""Calls and what was said in them."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from app.domain.calls.machine import CallState, Direction
from app.language.understanding.understood import Understanding
from app.service.calls.stored_state import load_call
from app.service.state_codec import load

#: How many texts are kept as what they mean: a live call's cards look at the same ones again.
#: Forty calls of fifty sentences; some 5 MB.
_KEPT = 2048


@lru_cache(_KEPT)
def _understood(text: str) -> Understanding:
    return load(Understanding, text)


@dataclass(kw_only=True)
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
    direction: str = Direction.INBOUND

    @property
    def party_number(self) -> str:
        """The number at the other end, whoever rang: ``caller`` is who rang the hotline, or whom
        it rang up."""
        return self.caller

    @property
    def state(self) -> CallState:
        return load_call(self.state_json)


@dataclass(kw_only=True)
class CallEvent:
    """One line of a call's time line."""

    call_id: str
    at: datetime
    kind: str
    detail: str = ""
    id: int | None = None


#: Of a model's name, kept with what it heard.
LONGEST_MODEL_NAME = 80


@dataclass(kw_only=True)
class Utterance:
    """What one side said; times are milliseconds from the start of the recording.

    ``heard_again``: the second pass has heard it too; where it heard something else,
    ``first_text`` and ``first_intent`` are what the first pass had. ``first_model`` and
    ``second_model``: names of the models that heard it; ``second_clear`` is how clear the second
    found its words, 0 to 1, None where they are not its; ``right_text``: what a person says was
    said.
    """

    call_id: str
    side: str
    start_ms: int
    end_ms: int
    text: str = ""
    words_json: str = "[]"
    confidence: float = 0.0
    intent: str = ""
    action: str = ""
    understanding_json: str = ""
    heard_again: bool = False
    first_text: str = ""
    first_intent: str = ""
    first_model: str = ""
    second_model: str = ""
    second_clear: float | None = None
    right_text: str = ""
    id: int | None = None

    @property
    def understanding(self) -> Understanding | None:
        """What it was understood as; None for what nobody tried to understand."""
        return _understood(self.understanding_json) if self.understanding_json else None

    @property
    def heard_first(self) -> str:
        """The first pass's text, whatever stands there now."""
        return self.first_text or self.text


@dataclass(kw_only=True)
class Rehearing:
    """A finished call that is heard once more as a whole. ``state`` and ``why`` (it was not heard)
    are of domain.calls.rehearing; ``day`` is the operator's day on which it ended, and what works
    on it has it until ``claimed_until``."""

    call_id: str
    day: str
    ended_at: datetime
    next_at: datetime
    state: str = "waiting"
    tries: int = 0
    why: str = ""
    claimed_until: datetime | None = None
    settled_at: datetime | None = None


@dataclass(kw_only=True)
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
