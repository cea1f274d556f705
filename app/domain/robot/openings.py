"""What comes before the slots of a task: guided self-help, the reason and one offer, identity.

An opening returns whether it has asked something; else the slots are next.
"""

from app.domain.field import guide as guides
from app.domain.field.guide import FaultTree, GuideState
from app.domain.robot import guide_words
from app.domain.robot.slots import ask, next_slot
from app.domain.robot.turn import Turn, ask_more, fail, hand_over
from app.domain.robot.vocabulary import Place, Said

#: Guided steps by telephone without a person: more than these tire.
MOST_STEPS = 3


def guide_opening(turn: Turn, event: Said | None) -> bool:
    """The first guided step for what was heard; none in an outage, or where nothing fits."""
    intent = event.intent if event is not None else ""
    if turn.house.outage:
        return False
    tree = next((t for t in turn.house.trees if intent in t.intents), None)
    if tree is None:
        return False
    turn.set(place=Place.GUIDE, guide=guides.begin(tree))
    turn.say(tree.steps[tree.start].say)
    return True


def tree_of(turn: Turn) -> FaultTree | None:
    """The steps that are being walked; None where others were published since."""
    state = turn.state.guide
    if state is None:
        return None
    found = (t for t in turn.house.trees if t.code == state.tree and state.step in t.steps)
    return next(found, None)


def guide_reading(turn: Turn, event: Said) -> str:
    """What an utterance answers to the step that was asked: solved, ticket, yes, no, unsure, or
    nothing. Its own words come first: 没有了 is a yes to "is it gone?"."""
    state, tree = turn.state.guide, tree_of(turn)
    if state is None or tree is None:
        return guides.TICKET
    if guide_words.wants_visit(event.text):
        return guides.TICKET
    if guide_words.is_solved(event.text):
        return guides.SOLVED
    read = guide_words.reading(tree.steps[state.step].say, event.text)
    return read or {"affirm": "yes", "deny": "no"}.get(event.family, "")


def answer_guide(turn: Turn, event: Said) -> None:
    """One answer to a guided step. What is no answer is asked for once more; then the steps go on
    as for somebody who is not sure, because nobody should fail at finding a lamp."""
    state = turn.state.guide
    assert state is not None  # noqa: S101  the place has one
    read = guide_reading(turn, event)
    if not read and not turn.state.failures:
        fail(turn, turn.text("again_guide"))
        return
    _went_on(turn, _after(turn, state, read or "unsure"))


def _after(turn: Turn, state: GuideState, read: str) -> GuideState:
    """The steps after an answer. Nobody is led on for long."""
    tree = tree_of(turn)
    if tree is None or read in guides.ENDS:
        return guides.end(state, read if read in guides.ENDS else guides.TICKET)
    after = guides.answer(state, tree, read)
    tired = not after.ended and len(after.trail) >= MOST_STEPS
    return guides.end(after, guides.TICKET) if tired else after


def _went_on(turn: Turn, after: GuideState) -> None:
    turn.set(guide=after, failures=0)
    tree = tree_of(turn)
    if after.step == guides.SOLVED:
        turn.set(place=Place.MORE, finished=(*turn.state.finished, "solved"), task="",
                 outcome=turn.state.outcome or "solved")  # fmt: skip
        turn.say(turn.text("solved"))
        ask_more(turn)
    elif after.ended or tree is None:
        next_slot(turn)
    else:
        turn.say(tree.steps[after.step].say)


def identity_opening(turn: Turn, event: Said | None) -> bool:
    """Only the household that the number belongs to, and only with four digits that it knows.
    Whoever rings from another number is offered to be rung back."""
    if turn.house.last4 and turn.house.bill:
        ask(turn, "last4")
    elif turn.house.staffed or "callback" not in turn.flow.tasks:
        hand_over(turn, "identity")
    else:
        turn.set(place=Place.SURE, task="callback", wish=event)
        turn.say(turn.text("identity_unknown"))
    return True
