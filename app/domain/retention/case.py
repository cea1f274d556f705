"""The retention case: two-stage retention (两次挽留) as one table.

Asked to stop -> reason -> offer shown -> accepted or declined; after the second clear refusal the
agent proceeds with the formalities, or opens the second stage at the door. No offer twice.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused

REFUSALS_UNTIL_PROCEED = 2

STOP_KINDS = ("suspend", "cancel", "switch", "enquiry")
REASONS = (
    "price", "moving", "not_watching", "competitor", "service", "slow", "deceased", "abroad",
    "contract_ended", "house_let", "other",
)  # fmt: skip
#: Nobody is persuaded to stay for these: the formalities at once, kindly.
NO_OFFER_REASONS = frozenset({"deceased"})


class CasePhase(StrEnum):
    ASKED = "asked"
    REASON_KNOWN = "reason_known"
    OFFER_SHOWN = "offer_shown"
    REFUSED_TWICE = "refused_twice"
    KEPT = "kept"
    PROCEEDING = "proceeding"
    SECOND_STAGE = "second_stage"
    KEPT_AT_DOOR = "kept_at_door"
    LOST = "lost"
    MISHEARD = "misheard"


OPEN = frozenset(CasePhase) - {
    CasePhase.KEPT, CasePhase.PROCEEDING, CasePhase.KEPT_AT_DOOR, CasePhase.LOST,
    CasePhase.MISHEARD,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """An offer put to the caller; ``outcome`` is shown, accepted or declined."""

    offer: str
    outcome: str = "shown"


@dataclass(frozen=True, slots=True)
class CaseState:
    """``kind`` is suspend, cancel, switch or enquiry; ``refusals`` counts clear ones."""

    kind: str
    phase: CasePhase = CasePhase.ASKED
    reason: str = ""
    trials: tuple[Trial, ...] = ()
    refusals: int = 0
    lost_reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in STOP_KINDS:
            raise Refused(RefusalCode.CASE_KIND, f"unknown kind of stop {self.kind!r}")

    @property
    def current_offer(self) -> str:
        shown = self.trials[-1] if self.trials else None
        return shown.offer if shown is not None and shown.outcome == "shown" else ""


@dataclass(frozen=True, slots=True)
class KindHeard:
    """The caller made clear which kind of stop is meant."""

    kind: str


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    reason: str


@dataclass(frozen=True, slots=True)
class OfferShown:
    offer: str


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    pass


@dataclass(frozen=True, slots=True)
class OfferDeclined:
    pass


@dataclass(frozen=True, slots=True)
class Proceeded:
    """The formalities were begun as the caller wished."""


@dataclass(frozen=True, slots=True)
class StayedAnyway:
    """The caller took the wish back without an offer."""


@dataclass(frozen=True, slots=True)
class SecondStageOpened:
    """A field ticket goes to the technician of the grid."""


@dataclass(frozen=True, slots=True)
class SecondStageEnded:
    """What the technician reported: kept or lost (then why)."""

    kept: bool
    lost_reason: str = ""


@dataclass(frozen=True, slots=True)
class Misheard:
    """The caller never asked to stop: the agent corrected what was heard."""


CaseEvent = (
    KindHeard | ReasonGiven | OfferShown | OfferAccepted | OfferDeclined | Proceeded
    | StayedAnyway | SecondStageOpened | SecondStageEnded | Misheard
)  # fmt: skip


def _kind(case: CaseState, event: KindHeard) -> CaseState:
    return replace(case, kind=event.kind)


def _reason(case: CaseState, event: ReasonGiven) -> CaseState:
    if event.reason not in REASONS:
        raise Refused(RefusalCode.CASE_REASON, f"unknown reason {event.reason!r}")
    phase = CasePhase.REASON_KNOWN if case.phase is CasePhase.ASKED else case.phase
    return replace(case, reason=event.reason, phase=phase)


def _show(case: CaseState, event: OfferShown) -> CaseState:
    if any(trial.offer == event.offer for trial in case.trials):
        raise Refused(
            RefusalCode.OFFER_REPEATED, f"offer {event.offer} was already put to this caller"
        )
    trials = (*case.trials, Trial(event.offer))
    return replace(case, phase=CasePhase.OFFER_SHOWN, trials=trials)


def _accept(case: CaseState, _: OfferAccepted) -> CaseState:
    return replace(case, phase=CasePhase.KEPT, trials=_close_trial(case, "accepted"))


def _decline(case: CaseState, _: OfferDeclined) -> CaseState:
    """Fairness: the second clear refusal ends the persuasion."""
    refusals = case.refusals + 1
    enough = refusals >= REFUSALS_UNTIL_PROCEED
    phase = CasePhase.REFUSED_TWICE if enough else CasePhase.REASON_KNOWN
    return replace(case, phase=phase, refusals=refusals, trials=_close_trial(case, "declined"))


def _close_trial(case: CaseState, outcome: str) -> tuple[Trial, ...]:
    return (*case.trials[:-1], replace(case.trials[-1], outcome=outcome))


def _to(phase: CasePhase) -> Callable[[CaseState, CaseEvent], CaseState]:
    return lambda case, _: replace(case, phase=phase)


def _misheard(case: CaseState, _: Misheard) -> CaseState:
    if case.trials:
        raise Refused(RefusalCode.CASE_PHASE, "an offer was made: what was heard is settled")
    return replace(case, phase=CasePhase.MISHEARD)


def _second_end(case: CaseState, event: SecondStageEnded) -> CaseState:
    phase = CasePhase.KEPT_AT_DOOR if event.kept else CasePhase.LOST
    return replace(case, phase=phase, lost_reason=event.lost_reason)


C = CasePhase
_FIRST_STAGE = (C.ASKED, C.REASON_KNOWN, C.OFFER_SHOWN, C.REFUSED_TWICE)
_TABLE: dict[tuple[CasePhase, type], Callable[..., CaseState]] = {
    **{(p, KindHeard): _kind for p in (C.ASKED, C.REASON_KNOWN, C.OFFER_SHOWN)},
    **{(p, ReasonGiven): _reason for p in (C.ASKED, C.REASON_KNOWN, C.OFFER_SHOWN)},
    # an offer needs a reason: the agent asks why first
    (C.REASON_KNOWN, OfferShown): _show,
    (C.OFFER_SHOWN, OfferAccepted): _accept,
    (C.OFFER_SHOWN, OfferDeclined): _decline,
    # a caller who insists is never trapped: formalities and second stage are always open
    **{(p, Proceeded): _to(C.PROCEEDING) for p in _FIRST_STAGE},
    **{(p, StayedAnyway): _to(C.KEPT) for p in _FIRST_STAGE},
    # once an offer was made, what was heard is no longer the question
    **{(p, Misheard): _misheard for p in (C.ASKED, C.REASON_KNOWN)},
    **{(p, SecondStageOpened): _to(C.SECOND_STAGE) for p in (*_FIRST_STAGE, C.PROCEEDING)},
    (C.SECOND_STAGE, SecondStageEnded): _second_end,
}


def allowed(phase: CasePhase) -> frozenset[type]:
    """The kinds of events that the table lists for a phase."""
    return frozenset(kind for at, kind in _TABLE if at is phase)


def step(case: CaseState, event: CaseEvent) -> CaseState:
    """Take one event. Raises Refused where the table does not list it, or the rules say no."""
    move = _TABLE.get((case.phase, type(event)))
    if move is None:
        name = type(event).__name__
        raise Refused(
            RefusalCode.CASE_PHASE, f"{name} is not possible while the case is {case.phase}"
        )
    return move(case, event)
