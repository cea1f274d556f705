"""What the agent is shown now: one card, and under it a short stack of what else came up."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.domain.field.ticket import TicketKind, TicketState
from app.domain.retention.case import OPEN, CasePhase
from app.language.understanding.understood import Understanding
from app.service.calls import care
from app.service.calls.attention import REPLIES
from app.service.calls.card_shapes import BillFigures, Card, FaqCard, PlanFigures, Topic
from app.service.calls.queries import CallView
from app.service.calls.records import Utterance
from app.service.field.guide_card import build_guide
from app.service.ports import Content
from app.service.retention.calculators import first_bill_fen, months_left, penalty_fen
from app.service.retention.card import build_retention

#: What was brought up this long ago and not taken up retires by itself.
RETIRE_MS = 180_000
_MOST_TOPICS = 3
_SETTLED = ("answered", "dismissed")
_YEAR_MONTHS = 12

Understood = tuple[Utterance, Understanding]


def build_card(view: CallView, content: Content, today: date) -> Card:
    """The card for a call as it stands."""
    topics = _topics(view)
    case = view.case
    if (first := care.leading(view)) is not None:
        return _care_card(first, topics, content)
    front = _front(view, topics)
    if case is not None and front is None:
        answers = _answers(topics[0][1], content) if topics else ()
        rest = [topic for topic in topics if topic[1].family != "disconnect"]
        return build_retention(view, case, content, today, answers, _stack(rest))
    if front is None:
        return Card("idle")
    wish = case is not None
    rest = [t for t in topics if t is not front and not (wish and t[1].family == "disconnect")]
    return _card_of(view, front, content, today, _stack(rest))


def _care_card(
    first: tuple[Utterance, Understanding, care.Care], topics: list[Understood], content: Content
) -> Card:
    utterance, heard, kind = first
    rest = [topic for topic in topics if topic[0] is not utterance]
    shown = care.care_card(kind, content)
    return Card(
        "care", intent=utterance.intent, confidence=heard.confidence, utterance_id=utterance.id,
        evidence=_evidence(heard), corrected=heard.corrected, topics=_stack(rest),
        answers=_answers(heard, content), form=shown.form, care=shown,
    )  # fmt: skip


def _topics(view: CallView) -> list[Understood]:
    """What the caller brought up and nobody has dealt with, newest first, one of each kind."""
    settled = {fate.utterance_id for fate in view.fates if fate.fate in _SETTLED}
    used = {fate.utterance_id for fate in view.fates if fate.fate == "used"}
    now_ms = view.utterances[-1].end_ms if view.utterances else 0
    found: dict[str, Understood] = {}
    for utterance in reversed(view.utterances):
        if utterance.side != "caller" or utterance.action not in ("act", "clarify"):
            continue
        heard = utterance.understanding
        if heard is None:
            continue
        old = bool(found) and now_ms - utterance.end_ms > RETIRE_MS
        # what was acted on stays to be seen, until something else is brought up
        over = utterance.id in settled or old or (bool(found) and utterance.id in used)
        if heard.family not in REPLIES and not over:
            found.setdefault(utterance.intent, (utterance, heard))
    return list(found.values())


def _front(view: CallView, topics: list[Understood]) -> Understood | None:
    """What the agent brought back, else the newest; None where the retention case leads."""
    fronted = {fate.utterance_id for fate in view.fates if fate.fate == "front"}
    chosen = next((topic for topic in topics if topic[0].id in fronted), None)
    if chosen is not None:
        return chosen
    newest = topics[0] if topics else None
    if view.case is None:
        return newest
    if CasePhase(view.case.phase) in OPEN or newest is None or view.case.closed_at is None:
        return None
    came_after = {
        fate.utterance_id for fate in view.fates if fate.shown_at > view.case.closed_at
    }  # fmt: skip
    another = newest[1].family != "disconnect" and newest[0].id in came_after
    return newest if another else None


def _stack(topics: Sequence[Understood]) -> tuple[Topic, ...]:
    return tuple(
        Topic(utterance.id or 0, utterance.intent, utterance.text)
        for utterance, _ in topics[:_MOST_TOPICS]
    )


def _card_of(
    view: CallView, topic: Understood, content: Content, today: date, stack: tuple[Topic, ...]
) -> Card:
    utterance, heard = topic
    base: dict[str, Any] = {
        "intent": utterance.intent, "confidence": heard.confidence,
        "utterance_id": utterance.id, "evidence": _evidence(heard),
        "corrected": heard.corrected, "topics": stack,
        "answers": _answers(heard, content),
        "tickets": tuple(ticket.number for ticket in view.tickets),
        "form": _form(utterance.intent, content),
    }  # fmt: skip
    family, kind = heard.family, heard.kind
    if family == "disconnect" and kind == "negated":
        requests = _requests(view)
        script = str(content.scripts["withdrawn" if requests else "negated"])
        return Card("negated", script=script, requests=requests, **base)
    if family == "disconnect" and kind == "enquiry":
        script = str(content.scripts["after_answer"])
        return Card("clarify", script=script, stop_kind=kind, **base)
    if family == "disconnect":
        return Card("clarify", script=str(content.scripts["clarify_stop"]), stop_kind=kind, **base)
    if family == "fault" and (guide := build_guide(view, content, utterance, today)) is not None:
        return Card("fault", guide=guide, **base)
    if base["form"]:
        script = str(content.scripts["forms"][base["form"]]["say"])
        return Card("complaint" if family == "complaint" else "form", script=script, **base)
    if family in ("billing", "plan"):
        base |= {"bill": _bill(view, today), "plan_rows": _plans(view, today, family)}
    return Card("answer", **base)


def _requests(view: CallView) -> tuple[str, ...]:
    """Tickets of earlier calls that still want to persuade or stop somebody who stays now."""
    known = view.customer.tickets if view.customer is not None else ()
    closed = (TicketState.CLOSED, TicketState.KEPT, TicketState.LOST)
    mine = [t for t in known if t.kind == TicketKind.RETENTION and t.state not in closed]
    return tuple(ticket.number for ticket in mine)


def _form(intent: str, content: Content) -> str:
    forms = content.scripts["forms"].items()
    return next((code for code, form in forms if intent in form["intents"]), "")


def _bill(view: CallView, today: date) -> BillFigures | None:
    if view.customer is None:
        return None
    customer, plan = view.customer.customer, view.customer.plan
    return BillFigures(
        plan.monthly_fen, customer.arrears_fen, months_left(customer, plan, today),
        penalty_fen(customer, plan, today),
    )  # fmt: skip


def _plans(view: CallView, today: date, family: str) -> tuple[PlanFigures, ...]:
    """Every plan beside the customer's own, the cheapest first; only where plans are the topic."""
    if view.customer is None or family != "plan":
        return ()
    own = view.customer.plan
    return tuple(
        PlanFigures(
            plan.name, plan.monthly_fen, plan.monthly_fen - own.monthly_fen,
            first_bill_fen(own.monthly_fen, plan.monthly_fen, today),
            plan.monthly_fen * _YEAR_MONTHS, plan.contract_months, plan.code == own.code,
        )
        for plan in sorted(view.plans, key=lambda plan: plan.monthly_fen)
    )  # fmt: skip


def _evidence(heard: Understanding) -> tuple[str, ...]:
    words = [e.text for e in heard.evidence if e.rule.startswith(("cue", "slot", "modality"))]
    return tuple(dict.fromkeys(word for word in words if word))


def _answers(heard: Understanding, content: Content) -> tuple[FaqCard, ...]:
    found = []
    for hit in heard.faq:
        entry = content.faq_entry(hit.id)
        if entry is not None:
            found.append(FaqCard(entry.id, entry.question, entry.answer, hit.score))
    return tuple(found)
