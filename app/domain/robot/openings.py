"""What comes before the slots of a task: guided self-help, the reason and one offer, identity.

An opening returns whether it has asked something; else the slots are next.
"""

from app.domain.field import guide as guides
from app.domain.field.guide import FaultTree, GuideState
from app.domain.robot.slots import ask, next_slot
from app.domain.robot.turn import Turn, fail, hand_over
from app.domain.robot.vocabulary import Flow, Place, Said

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


def answer_guide(turn: Turn, event: Said) -> None:
    """One answer to a guided step; other fault trees may have been published since it was asked."""
    state = turn.state.guide
    assert state is not None  # noqa: S101  the place has one
    tree = next(
        (t for t in turn.house.trees if t.code == state.tree and state.step in t.steps), None
    )
    after = _guided(turn.flow, event, state, tree)
    if after is None:
        fail(turn, turn.text("again_keys"))
        return
    turn.set(guide=after, failures=0)
    if after.step == guides.SOLVED:
        turn.set(place=Place.MORE, finished=(*turn.state.finished, "solved"), outcome="solved")
        turn.say(turn.text("solved"), turn.text("ask_more"))
    elif after.ended or tree is None:
        next_slot(turn)
    else:
        turn.say(tree.steps[after.step].say)


def _guided(
    flow: Flow, event: Said, state: GuideState, tree: FaultTree | None
) -> GuideState | None:
    """The steps after an answer; None where it was none. Nobody is led on for long."""
    if flow.says("solved", event.text):
        return guides.end(state, guides.SOLVED)
    if tree is None or flow.says("send", event.text):
        return guides.end(state, guides.TICKET)
    unsure = "unsure" if flow.says("unsure", event.text) else ""
    answer = {"affirm": "yes", "deny": "no"}.get(event.family, unsure)
    if not answer:
        return None
    after = guides.answer(state, tree, answer)
    tired = not after.ended and len(after.trail) >= MOST_STEPS
    return guides.end(after, guides.TICKET) if tired else after


def reason_opening(turn: Turn, event: Said | None) -> bool:
    """Why somebody wants to stop, unless that was said with the wish; then one offer."""
    reason = event.slots.get("reason", "") if event is not None else ""
    if reason:
        turn.set(values={**turn.state.values, "reason": reason})
        return _offer(turn)
    turn.set(place=Place.REASON)
    turn.say(turn.text("reason"))
    return True


def answer_reason(turn: Turn, event: Said) -> None:
    """Whatever is said is the reason: nobody is asked twice why."""
    reason = event.slots.get("reason", "other")
    turn.set(values={**turn.state.values, "reason": reason, "why": event.text})
    if not _offer(turn):
        next_slot(turn)


def _offer(turn: Turn) -> bool:
    """One offer at most, and only once."""
    if turn.state.offered:
        return False
    fitting = turn.house.offer_for(turn.state.values.get("reason", ""))
    if fitting is None:
        return False
    code, words = fitting
    values = {**turn.state.values, "offer": code}
    turn.set(place=Place.OFFER, offered=True, values=values)
    turn.say(words)
    return True


def answer_offer(turn: Turn, event: Said) -> None:
    """Who accepts is noted as interested; who declines is registered as wished."""
    if event.family == "affirm":
        turn.set(values={**turn.state.values, "wants_offer": "yes"})
    elif event.family not in ("deny", "disconnect"):
        fail(turn, turn.text("again_keys"))
        return
    turn.say(turn.text("wish_noted") if event.family != "affirm" else "")
    next_slot(turn)


def identity_opening(turn: Turn, _: Said | None) -> bool:
    """Only the household that the number belongs to, and only with four digits that it knows."""
    if not turn.house.last4 or not turn.house.bill:
        hand_over(turn, "identity")
        return True
    ask(turn, "last4")
    return True
