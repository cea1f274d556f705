"""What must be said before something is sold or changed (必说要点), as one table a statement.

A statement is open, is said when it is heard (or ticked by hand), and is missed when the call ends
without it. The second confirmation (二次确认) counts only when the agent asked and the customer
agreed after that.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused

CONFIRM = "confirm"


class DisclosureState(StrEnum):
    OPEN = "open"
    ASKED = "asked"
    SAID = "said"
    TICKED = "ticked"
    DROPPED = "dropped"
    MISSED = "missed"


DONE = frozenset({DisclosureState.SAID, DisclosureState.TICKED})
UNSAID = frozenset({DisclosureState.OPEN, DisclosureState.ASKED})


class DisclosureEvent(StrEnum):
    """``heard``: the agent says it; ``agreed``/``refused``: the customer's answer to a question;
    ``misheard``: a second hearing has other words; ``ticked``: the agent says that it was said;
    ``dropped``: it is not sold after all; ``ended``: the call is over;
    ``found``: a second hearing after that finds it said."""

    HEARD = "heard"
    AGREED = "agreed"
    REFUSED = "refused"
    MISHEARD = "misheard"
    TICKED = "ticked"
    DROPPED = "dropped"
    ENDED = "ended"
    FOUND = "found"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One statement of one call; ``confirmation``: it wants the customer's yes."""

    code: str
    confirmation: bool = False
    state: DisclosureState = DisclosureState.OPEN

    @property
    def unsaid(self) -> bool:
        return self.state in UNSAID


S, E = DisclosureState, DisclosureEvent
_TABLE: dict[tuple[DisclosureState, DisclosureEvent], DisclosureState] = {
    (S.OPEN, E.HEARD): S.SAID,
    # a question is answered, not said: see step()
    (S.ASKED, E.HEARD): S.ASKED,
    (S.ASKED, E.AGREED): S.SAID,
    (S.ASKED, E.REFUSED): S.OPEN,
    (S.ASKED, E.MISHEARD): S.OPEN,
    # of a confirmation the yes was misheard, the question was not: see step()
    (S.SAID, E.MISHEARD): S.OPEN,
    **{(s, E.TICKED): S.TICKED for s in UNSAID},
    **{(s, E.DROPPED): S.DROPPED for s in UNSAID},
    **{(s, E.ENDED): S.MISSED for s in UNSAID},
    # not of a confirmation, whose yes nobody can place afterwards: see step()
    (S.MISSED, E.FOUND): S.SAID,
}


def step(disclosure: Disclosure, event: DisclosureEvent) -> Disclosure:
    """Take one event. Raises Refused where the table does not list it."""
    after = _TABLE.get((disclosure.state, event))
    if after is None:
        raise Refused(
            RefusalCode.DISCLOSURE_STATE, f"{event} is not possible while it is {disclosure.state}"
        )
    if disclosure.confirmation and event is E.HEARD:
        after = S.ASKED
    if disclosure.confirmation and disclosure.state is S.SAID and event is E.MISHEARD:
        after = S.ASKED
    if disclosure.confirmation and event is E.FOUND:
        after = S.MISSED
    return replace(disclosure, state=after)


def allowed(state: DisclosureState) -> frozenset[DisclosureEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)
