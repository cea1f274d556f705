"""How a call stands on the bridge: what `hello`, `ended` and the spool carry."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from app.domain.calls import modes
from app.domain.calls.ids import CallId, LegId
from app.domain.calls.leg import LegState

_CALL_ID = re.compile(r"[0-9a-f]{32}")
_LEG_ID = re.compile(r"[a-z0-9_-]{1,32}")

#: Who hears whom: of each leg, the legs that it hears. A leg that is not named hears nobody.
Hears: TypeAlias = modes.Hears


def check_call(call: str) -> None:
    """Raises ValueError for what is no call id."""
    if not _CALL_ID.fullmatch(call):
        raise ValueError("call id is not 32 hexadecimal digits")


def check_leg(leg: str) -> None:
    """Raises ValueError for what is no leg id."""
    if not _LEG_ID.fullmatch(leg):
        raise ValueError("leg id is not 1 to 32 of a-z 0-9 _ -")


class Direction(StrEnum):
    """Who rang whom."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class LinePhase(StrEnum):
    """How far a call has come on the bridge."""

    OFFERED = "offered"
    ANSWERED = "answered"
    ENDED = "ended"


class EndReason(StrEnum):
    """Why a call is over on the bridge."""

    NONE = ""
    REJECTED = "rejected"
    CALLER_HUNG_UP = "caller_hung_up"
    HUNG_UP = "hung_up"
    MEDIA_TIMEOUT = "media_timeout"
    UNANSWERED = "unanswered"
    BRIDGE_LOST = "bridge_lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """A call-back: which one, and the user whose phone rings once the caller answers."""

    callback_id: int
    agent_id: int


#: Why the hotline rings somebody up.
Purpose: TypeAlias = CallBack


@dataclass(frozen=True, slots=True, kw_only=True)
class LegSummary:
    """A leg as it stands; ``uri`` is what was dialled, empty for an incoming leg."""

    id: LegId
    state: LegState
    uri: str = ""

    def __post_init__(self) -> None:
        check_leg(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSummary:
    """Where a call stands, for the brain's reconciliation and for the spool.

    ``hears`` is the matrix in force, ``on_hold`` the legs that an order holds; ``frames`` is the
    length of the tape, ``recording`` its path below the bridge's home, ``voicemail_from`` the
    frame at which a message taken without the brain (``emergency``) begins, ``right`` the leg
    whose voice the recording has on its right side: the first that was dialled.
    """

    call: CallId
    direction: Direction = Direction.INBOUND
    purpose: Purpose | None = None
    sip_call_id: str = ""
    caller: str = ""
    called: str = ""
    name: str = ""
    started_at: float = 0.0
    phase: LinePhase = LinePhase.OFFERED
    legs: tuple[LegSummary, ...] = ()
    hears: Hears = field(default_factory=dict)
    on_hold: tuple[LegId, ...] = ()
    frames: int = 0
    recording: str = ""
    emergency: bool = False
    voicemail_from: int | None = None
    end_reason: EndReason = EndReason.NONE
    right: LegId | None = None

    def __post_init__(self) -> None:
        check_call(self.call)

    def leg(self, leg: LegId) -> LegSummary | None:
        """The leg of this id, None where there is none (any more)."""
        return next((known for known in self.legs if known.id == leg), None)

    @property
    def connected(self) -> bool:
        """Whether somebody hears somebody and nobody is on hold."""
        return any(self.hears.values()) and not self.on_hold
