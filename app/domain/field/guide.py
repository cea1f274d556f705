"""Guided fault finding (先引导后派单): a tree of questions, walked one answer at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.refusal import Invalid, RefusalCode, Refused

ANSWERS = ("yes", "no", "unsure")
#: ``remote``: a technician judges by telephone, picture or video before anybody is sent.
SOLVED, REMOTE, TICKET = "solved", "remote", "ticket"
ENDS = frozenset({SOLVED, REMOTE, TICKET})


@dataclass(frozen=True, slots=True)
class GuideStep:
    """What to say, and where each answer leads: another step, ``solved`` or ``ticket``."""

    say: str
    leads: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FaultTree:
    """The steps for some symptoms. Raises Invalid for a lead to nowhere, a loop, or an
    unreachable step."""

    code: str
    name: Mapping[str, str]
    intents: tuple[str, ...]
    start: str
    steps: Mapping[str, GuideStep]

    def __post_init__(self) -> None:
        if self.start not in self.steps:
            raise Invalid(RefusalCode.FAULT_TREE, f"{self.code}: no step {self.start!r}")
        for name, step_ in self.steps.items():
            if tuple(step_.leads) != ANSWERS or not step_.say.strip():
                raise Invalid(
                    RefusalCode.FAULT_TREE,
                    f"{self.code}.{name}: say, yes, no and unsure are needed",
                )
            for lead in step_.leads.values():
                if lead not in self.steps and lead not in ENDS:
                    raise Invalid(
                        RefusalCode.FAULT_TREE,
                        f"{self.code}.{name} leads to {lead!r}: no such step",
                    )
        unseen = set(self.steps) - self._reached(self.start, ())
        if unseen:
            raise Invalid(
                RefusalCode.FAULT_TREE, f"{self.code}: nothing leads to {', '.join(sorted(unseen))}"
            )

    def _reached(self, name: str, path: tuple[str, ...]) -> set[str]:
        if name in ENDS:
            return set()
        if name in path:
            raise Invalid(RefusalCode.FAULT_TREE, f"{self.code}: {name} leads back to itself")
        found = {name}
        for lead in self.steps[name].leads.values():
            found |= self._reached(lead, (*path, name))
        return found


@dataclass(frozen=True, slots=True)
class GuideState:
    """``step`` is a step of the tree, or an end; ``trail``: (step, answer or end)
    so far."""

    tree: str
    step: str
    trail: tuple[tuple[str, str], ...] = ()

    @property
    def ended(self) -> bool:
        return self.step in ENDS


def begin(tree: FaultTree) -> GuideState:
    return GuideState(tree.code, tree.start)


def answer(state: GuideState, tree: FaultTree, given: str) -> GuideState:
    """One answer. Raises Refused after the end, Invalid for an unknown answer."""
    if state.ended:
        raise Refused(RefusalCode.GUIDE_ENDED, "the steps are at their end")
    if given not in ANSWERS:
        raise Invalid(RefusalCode.GUIDE_ANSWER, f"expected yes, no or unsure, got {given!r}")
    trail = (*state.trail, (state.step, given))
    return replace(state, step=tree.steps[state.step].leads[given], trail=trail)


def back(state: GuideState) -> GuideState:
    """Take the last answer back. Raises Refused at the start."""
    if not state.trail:
        raise Refused(RefusalCode.GUIDE_START, "this is the first step")
    return replace(state, step=state.trail[-1][0], trail=state.trail[:-1])


def end(state: GuideState, outcome: str) -> GuideState:
    """End the guide at any step: solved, to be judged from afar, or a ticket. Raises Refused after
    the end."""
    if state.ended:
        raise Refused(RefusalCode.GUIDE_ENDED, "the steps are at their end")
    if outcome not in ENDS:
        expected = ", ".join(sorted(ENDS))
        raise Invalid(RefusalCode.GUIDE_OUTCOME, f"expected one of {expected}, got {outcome!r}")
    return replace(state, step=outcome, trail=(*state.trail, (state.step, outcome)))
