"""One night's learning from own calls: asked for, worked on, and used or not.

``step(state, event)`` answers with the new state. What the table does not list is refused.
"""

from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused


class LearningState(StrEnum):
    """``nothing``: the calls had nothing to learn; ``unjudged``: too few corrected words to tell;
    ``accepted``: it is better and about to be used; ``replaced``: a later one is used."""

    ASKED = "asked"
    COLLECTING = "collecting"
    BUILDING = "building"
    JUDGING = "judging"
    ACCEPTED = "accepted"
    USED = "used"
    UNJUDGED = "unjudged"
    NOTHING = "nothing"
    REJECTED = "rejected"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class LearningEvent(StrEnum):
    """``gave_way``: a call came, it begins again in the next quiet hour; ``insisted``: a person
    uses it without a proof; ``overtaken``: a later run takes its place."""

    TAKEN_UP = "taken_up"
    COLLECTED = "collected"
    FOUND_NOTHING = "found_nothing"
    BUILT = "built"
    BETTER = "better"
    WORSE = "worse"
    TOO_FEW = "too_few"
    INSISTED = "insisted"
    APPLIED = "applied"
    GAVE_WAY = "gave_way"
    FAILED = "failed"
    ROLLED_BACK = "rolled_back"
    OVERTAKEN = "overtaken"


S, E = LearningState, LearningEvent
#: Somebody is at work; a run that nobody holds any more is taken up again or has failed.
WORKING = (S.COLLECTING, S.BUILDING, S.JUDGING)
#: At most one run is in any of these.
OPEN = (S.ASKED, *WORKING, S.ACCEPTED)
_TABLE: dict[tuple[LearningState, LearningEvent], LearningState] = {
    (S.ASKED, E.TAKEN_UP): S.COLLECTING,
    (S.ASKED, E.FAILED): S.FAILED,
    (S.COLLECTING, E.COLLECTED): S.BUILDING,
    (S.COLLECTING, E.FOUND_NOTHING): S.NOTHING,
    (S.BUILDING, E.BUILT): S.JUDGING,
    (S.JUDGING, E.BETTER): S.ACCEPTED,
    (S.JUDGING, E.WORSE): S.REJECTED,
    (S.JUDGING, E.TOO_FEW): S.UNJUDGED,
    (S.UNJUDGED, E.INSISTED): S.ACCEPTED,
    (S.UNJUDGED, E.OVERTAKEN): S.REPLACED,
    (S.ACCEPTED, E.APPLIED): S.USED,
    (S.ACCEPTED, E.FAILED): S.FAILED,
    (S.USED, E.ROLLED_BACK): S.WITHDRAWN,
    (S.USED, E.OVERTAKEN): S.REPLACED,
    **{(at, E.GAVE_WAY): S.ASKED for at in WORKING},
    **{(at, E.FAILED): S.FAILED for at in WORKING},
}


def allowed(state: LearningState) -> frozenset[LearningEvent]:
    """The events that the table lists for a state."""
    return frozenset(event for at, event in _TABLE if at is state)


def step(state: LearningState, event: LearningEvent) -> LearningState:
    """Take one event. Raises Refused where the table has no such move."""
    after = _TABLE.get((state, event))
    if after is None:
        raise Refused(RefusalCode.LEARNING_STATE, f"a run that is {state} does not take {event}")
    return after
