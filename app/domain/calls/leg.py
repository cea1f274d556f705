"""The life of one SIP leg as a table: what may happen in which state, and what follows.

``step(leg, event)`` answers with the leg's new state and effects, in order. Events come from the
peer (over a dialog), from orders and from clocks; an event that the table does not list for the
state is passed over with no effect, because on a wire anything may cross anything. Sections are
of RFC 3261 unless another is named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias


class LegState(StrEnum):
    """Where a leg stands: invited, ringing, heard before the answer, talking, on hold by the
    peer, hung up by us, over."""

    INVITING = "inviting"
    RINGING = "ringing"
    EARLY = "early"
    TALKING = "talking"
    HELD = "held"
    ENDING = "ending"
    GONE = "gone"


class Side(StrEnum):
    """Who sent the INVITE: the peer (we are the called side, UAS) or we (UAC)."""

    CALLED = "called"
    CALLING = "calling"


UNANSWERED = frozenset({LegState.INVITING, LegState.RINGING, LegState.EARLY})
IN_CALL = frozenset({LegState.TALKING, LegState.HELD})
OVER = frozenset({LegState.ENDING, LegState.GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A leg as it stands."""

    side: Side
    state: LegState = LegState.INVITING


# -- events ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PeerRang:
    """A provisional answer to our INVITE (180, 183)."""

    code: int


@dataclass(frozen=True, slots=True)
class PeerAnswered:
    """A 200 to our INVITE; ``usable``: its SDP names a codec that we speak."""

    usable: bool


@dataclass(frozen=True, slots=True)
class PeerOffered:
    """A re-INVITE: a new address, hold or resume; ``usable`` as in PeerAnswered."""

    usable: bool
    on_hold: bool = False


@dataclass(frozen=True, slots=True)
class PeerEnded:
    """BYE, CANCEL or a failure; ``code`` is the SIP status, 0 for a BYE."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RingOrdered:
    """Tell the peer that it rings; ``early``: with sound before the answer."""

    early: bool = False


@dataclass(frozen=True, slots=True)
class AnswerOrdered:
    """Take the call."""


@dataclass(frozen=True, slots=True)
class RejectOrdered:
    """Do not take the call."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class HangUpOrdered:
    """End the leg, whatever its state."""


@dataclass(frozen=True, slots=True)
class TimeRanOut:
    """Nobody answered our INVITE in the time given."""


@dataclass(frozen=True, slots=True)
class MediaLost:
    """The peer has sent no packet for too long: its network is gone."""


Event: TypeAlias = (
    PeerRang | PeerAnswered | PeerOffered | PeerEnded | RingOrdered | AnswerOrdered
    | RejectOrdered | HangUpOrdered | TimeRanOut | MediaLost
)  # fmt: skip

# -- effects ---------------------------------------------------------------------------------------


class Send(StrEnum):
    """What goes to the peer over the dialog."""

    RINGING = "180"
    PROGRESS = "183"
    OK = "200"
    ANSWER_TO_OFFER = "200 to a re-INVITE"
    NOT_ACCEPTABLE = "488 to a re-INVITE"
    BYE_OR_CANCEL = "BYE, CANCEL or 480"


class Media(StrEnum):
    """What happens to the leg's sound."""

    TAKE_REMOTE = "send to the address of the peer's SDP"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class SendFailure:
    """A final failure response to the INVITE."""

    code: int
    reason: str


class Tell(StrEnum):
    """What the brain hears without more to it."""

    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class TellRinging:
    code: int


@dataclass(frozen=True, slots=True)
class TellFailed:
    """The leg was never answered."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TellHungUp:
    """The peer ended it, or its network did."""

    code: int


Effect: TypeAlias = Send | Media | SendFailure | Tell | TellRinging | TellFailed | TellHungUp
Step: TypeAlias = tuple[LegState, tuple[Effect, ...]]

# -- the table -------------------------------------------------------------------------------------

_BYE = (Send.BYE_OR_CANCEL, Media.CLOSE)


def _rang(leg: Leg, event: PeerRang) -> Step:
    """13.2.2.1: provisional answers; 183 has the called side's own tones (RFC 3960)."""
    state = LegState.EARLY if event.code == 183 else LegState.RINGING
    tell = (TellRinging(event.code),) if leg.state is LegState.INVITING else ()
    return state, tell


def _rang_again(leg: Leg, event: PeerRang) -> Step:
    """13.2.2.1: once early, a late 180 changes nothing."""
    return (LegState.EARLY if event.code == 183 else leg.state), ()


def _answered(leg: Leg, event: PeerAnswered) -> Step:
    """13.2.2.4: talking from the 200 on; one that we cannot use is acknowledged and ended."""
    if not event.usable:
        return LegState.ENDING, (*_BYE, TellFailed(488, "Not Acceptable Here"))
    return LegState.TALKING, (Media.TAKE_REMOTE, Tell.ANSWERED)


def _answered_too_late(leg: Leg, event: PeerAnswered) -> Step:
    """9.1: the 200 crossed our CANCEL: the dialog exists, so it is ended with a BYE."""
    return LegState.ENDING, (Send.BYE_OR_CANCEL,)


def _ring(leg: Leg, event: RingOrdered) -> Step:
    """13.3.1.1: progress of the INVITE; sound that has begun goes on under a plain 180."""
    if event.early:
        return LegState.EARLY, (Send.PROGRESS,)
    state = leg.state if leg.state is LegState.EARLY else LegState.RINGING
    return state, (Send.RINGING,)


def _answer(leg: Leg, event: AnswerOrdered) -> Step:
    """13.3.1.4: the INVITE is accepted."""
    return LegState.TALKING, (Send.OK,)


def _reject(leg: Leg, event: RejectOrdered) -> Step:
    """13.3.1.3: the INVITE is rejected."""
    return LegState.GONE, (SendFailure(event.code, event.reason), Media.CLOSE)


def _failed(leg: Leg, event: PeerEnded) -> Step:
    """13.2.2.3: a final failure to our INVITE."""
    return LegState.GONE, (Media.CLOSE, TellFailed(event.code, event.reason))


def _cancelled(leg: Leg, event: PeerEnded) -> Step:
    """9.2: the caller gave up before the answer."""
    return LegState.GONE, (Media.CLOSE, TellHungUp(event.code))


def _hung_up(leg: Leg, event: PeerEnded) -> Step:
    """15.1.2: a BYE of the peer."""
    return LegState.GONE, (Media.CLOSE, TellHungUp(event.code))


def _ended(leg: Leg, event: PeerEnded) -> Step:
    """15.1.1: the answer to our BYE or CANCEL; who ended it knows already."""
    return LegState.GONE, ()


def _end(leg: Leg, event: HangUpOrdered) -> Step:
    """9.1, 15.1.1: CANCEL before the answer, BYE after it, 480 to an INVITE not yet answered."""
    return LegState.ENDING, _BYE


def _time_ran_out(leg: Leg, event: TimeRanOut) -> Step:
    """9.1: CANCEL; 21.4.9: told as 408."""
    return LegState.ENDING, (*_BYE, TellFailed(408, "Request Timeout"))


def _offered(leg: Leg, event: PeerOffered) -> Step:
    """14.2 and RFC 3264 section 8: an offer within the dialog; 8.4: hold and resume."""
    if not event.usable:
        return leg.state, (Send.NOT_ACCEPTABLE,)
    state = LegState.HELD if event.on_hold else LegState.TALKING
    told = Tell.HELD if event.on_hold else Tell.RESUMED
    return state, (
        Media.TAKE_REMOTE, Send.ANSWER_TO_OFFER, *((told,) if state is not leg.state else ()),
    )  # fmt: skip


def _lost(leg: Leg, event: MediaLost) -> Step:
    """15: we may end at any time; told as 408."""
    return LegState.ENDING, (*_BYE, TellHungUp(408))


_Rules: TypeAlias = Mapping[tuple[LegState, type], Callable[..., Step]]

_CALLED: _Rules = {
    **{(state, RingOrdered): _ring for state in UNANSWERED},
    **{(state, AnswerOrdered): _answer for state in UNANSWERED},
    **{(state, RejectOrdered): _reject for state in UNANSWERED},
    **{(state, PeerEnded): _cancelled for state in UNANSWERED},
}
_CALLING: _Rules = {
    (LegState.INVITING, PeerRang): _rang,
    (LegState.RINGING, PeerRang): _rang_again,
    (LegState.EARLY, PeerRang): _rang_again,
    **{(state, PeerAnswered): _answered for state in UNANSWERED},
    **{(state, PeerEnded): _failed for state in UNANSWERED},
    **{(state, TimeRanOut): _time_ran_out for state in UNANSWERED},
    (LegState.ENDING, PeerAnswered): _answered_too_late,
}
_BOTH: _Rules = {
    **{(state, HangUpOrdered): _end for state in UNANSWERED | IN_CALL},
    **{(state, PeerOffered): _offered for state in IN_CALL},
    **{(state, PeerEnded): _hung_up for state in IN_CALL},
    **{(state, MediaLost): _lost for state in IN_CALL},
    (LegState.ENDING, PeerEnded): _ended,
}
_TABLE: Mapping[Side, _Rules] = {
    Side.CALLED: {**_BOTH, **_CALLED},
    Side.CALLING: {**_BOTH, **_CALLING},
}


def step(leg: Leg, event: Event) -> tuple[Leg, tuple[Effect, ...]]:
    """The leg after an event, and what follows from it."""
    rule = _TABLE[leg.side].get((leg.state, type(event)))
    if rule is None:
        return leg, ()
    state, effects = rule(leg, event)
    return replace(leg, state=state), effects
