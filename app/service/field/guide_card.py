"""The fault card: guided steps as far as they are, and what fits once the fault is solved."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from app.domain.calls.log_kind import CallLogKind
from app.domain.field.guide import SOLVED, begin
from app.service.calls.card_shapes import GuideCard
from app.service.calls.queries import CallView
from app.service.calls.records import Utterance
from app.service.ports import Content
from app.service.retention.calculators import offer_subject

_TRIED = {"yes": "是", "no": "否", "unsure": "不清楚"}
_LONG_TENURE_MONTHS = 36


def build_guide(
    view: CallView, content: Content, asked: Utterance, today: date
) -> GuideCard | None:
    """The steps for what was heard last, as far as they are."""
    tree = next((t for t in content.faults if asked.intent in t.intents), None)
    if tree is None:
        return None
    row = next((g for g in reversed(view.guides) if g.tree == tree.code), None)
    state = row.state if row is not None else begin(tree)
    step = tree.steps.get(state.step)
    trail = tuple((tree.steps[name].say, given) for name, given in state.trail)
    tried = "；".join(
        f"{say.rstrip('？')}：{_TRIED[given]}" for say, given in trail if given in _TRIED
    )
    upgrade = _upgrade(view, content, today) if state.step == SOLVED else ""
    return GuideCard(
        tree.code, tree.name, state.step, step.say if step is not None else "", trail, tried,
        _step_reply(view, asked), upgrade, content.scripts["upgrade"]["invite"] if upgrade else "",
    )  # fmt: skip


def _step_reply(view: CallView, asked: Utterance) -> str:
    """What the caller's last words seem to answer to the step."""
    last = next((u for u in reversed(view.utterances) if u.side == "caller"), None)
    stepped = [event.at for event in view.events if event.kind == CallLogKind.GUIDE]
    if last is None or last.id == asked.id or not said_after(view, last, stepped):
        return ""
    return {"affirm": "yes", "deny": "no"}.get(last.intent.partition(".")[0], "")


def _upgrade(view: CallView, content: Content, today: date) -> str:
    """Cross-selling only after the fault is handled, and only to whom it helps."""
    if view.customer is None or _tenure(view, today) < _LONG_TENURE_MONTHS:
        return ""
    model, due = view.customer.customer.box_model, content.scripts["upgrade"]["boxes"]
    return str(content.scripts["upgrade"]["say"]) if any(part in model for part in due) else ""


def _tenure(view: CallView, today: date) -> int:
    assert view.customer is not None  # noqa: S101  asked before
    return offer_subject(view.customer.customer, view.customer.plan, today).tenure_months


def said_after(
    view: CallView, utterance: Utterance, moments: Sequence[datetime]
) -> bool:  # fmt: skip
    """Whether the words came after the last of the moments (the recording begins at the answer)."""
    began = view.call.answered_at
    if began is None:
        return False
    return not moments or began + timedelta(milliseconds=utterance.end_ms) > moments[-1]
