"""The life of a version of the knowledge base: draft, checked, tested, published, retired."""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused


class DraftPhase(StrEnum):
    DRAFT = "draft"
    CHECKED = "checked"
    TESTED = "tested"
    PUBLISHED = "published"
    RETIRED = "retired"
    DISCARDED = "discarded"


#: Phases in which a version may still be changed.
OPEN = frozenset({DraftPhase.DRAFT, DraftPhase.CHECKED, DraftPhase.TESTED})


@dataclass(frozen=True, slots=True)
class DraftState:
    """``risky``: the test found it worse where it hurts; publishing then needs a reason.

    ``shadow``: it runs silently beside the published version.
    """

    phase: DraftPhase = DraftPhase.DRAFT
    risky: bool = False
    shadow: bool = False


@dataclass(frozen=True, slots=True)
class Edited:
    """Anything was changed: what was checked and tested no longer holds."""


@dataclass(frozen=True, slots=True)
class Checked:
    """``fatal``: how many findings forbid publishing."""

    fatal: int


@dataclass(frozen=True, slots=True)
class Tested:
    """``risky``: a disconnect became false, or the right answers became fewer."""

    risky: bool


@dataclass(frozen=True, slots=True)
class ShadowSwitched:
    on: bool


@dataclass(frozen=True, slots=True)
class Published:
    """``reason``: why it is published although the test was worse."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another version was published; this one is retired."""


@dataclass(frozen=True, slots=True)
class Discarded:
    pass


DraftEvent = Edited | Checked | Tested | ShadowSwitched | Published | Replaced | Discarded

_ALLOWED: dict[DraftPhase, frozenset[type]] = {
    DraftPhase.DRAFT: frozenset({Edited, Checked, Discarded}),
    DraftPhase.CHECKED: frozenset({Edited, Checked, Tested, ShadowSwitched, Discarded}),
    DraftPhase.TESTED: frozenset({Edited, Checked, Tested, ShadowSwitched, Published, Discarded}),
    DraftPhase.PUBLISHED: frozenset({Replaced}),
    DraftPhase.RETIRED: frozenset(),
    DraftPhase.DISCARDED: frozenset(),
}


def allowed(phase: DraftPhase) -> frozenset[type]:
    """Which events a version takes in a phase."""
    return _ALLOWED[phase]


def step(state: DraftState, event: DraftEvent) -> DraftState:
    """The next state. Raises Refused where the phase does not take the event."""
    if type(event) not in _ALLOWED[state.phase]:
        name = type(event).__name__
        raise Refused(RefusalCode.DRAFT_PHASE, f"a version that is {state.phase} takes no {name}")
    if isinstance(event, Edited) or (isinstance(event, Checked) and event.fatal):
        return DraftState()
    if isinstance(event, Checked):
        return replace(state, phase=_at_least_checked(state))
    if isinstance(event, Tested):
        return replace(state, phase=DraftPhase.TESTED, risky=event.risky)
    if isinstance(event, ShadowSwitched):
        return replace(state, shadow=event.on)
    return _end(state, event)


def _at_least_checked(state: DraftState) -> DraftPhase:
    return DraftPhase.TESTED if state.phase is DraftPhase.TESTED else DraftPhase.CHECKED


def _end(state: DraftState, event: DraftEvent) -> DraftState:
    if isinstance(event, Published):
        if state.risky and not event.reason.strip():
            raise Refused(
                RefusalCode.DRAFT_RISKY, "the test is worse than before: say why it is published"
            )
        return DraftState(DraftPhase.PUBLISHED, state.risky)
    ended = DraftPhase.RETIRED if isinstance(event, Replaced) else DraftPhase.DISCARDED
    return DraftState(ended, state.risky)
