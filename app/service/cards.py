"""What the agent is shown now: one card, derived from the case and the last thing heard."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.case import NO_OFFER_REASONS, CasePhase, CaseState
from app.domain.guide import SOLVED, begin
from app.domain.offer import Offer, OfferSubject, fitting
from app.service import records
from app.service.figures import offer_subject, over_months, yuan
from app.service.handlers.guides import load_guide
from app.service.handlers.state_json import load_case
from app.service.ports import Content
from app.service.queries import CallView

_REPLIES = ("affirm", "deny")
_COMPARED_MONTHS = (12, 24)


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer with the customer's own figures in its script. Money is in fen."""

    code: str
    name: str
    script: str
    months: int
    price_fen: int
    saved_fen: int
    gift: str
    disclosures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """帮您算: totals over so many months; ``competitor_fen`` where the caller named a price."""

    months: int
    now_fen: int
    offer_fen: int
    competitor_fen: int | None


@dataclass(frozen=True, slots=True)
class FaqCard:
    id: str
    question: str
    answer: str
    score: float


@dataclass(frozen=True, slots=True)
class GuideCard:
    """Guided steps: ``say`` now; ``trail``: (what was asked, answer); ``step`` may be an end.

    ``tried`` is the trail as a technician reads it; ``upgrade``: what to offer an old customer
    with an old box once the fault is solved.
    """

    tree: str
    name: Mapping[str, str]
    step: str
    say: str
    trail: tuple[tuple[str, str], ...]
    tried: str
    heard_reply: str = ""
    upgrade: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """``kind``: idle, retention, clarify, negated, fault, complaint, answer. ``phase`` of the case.

    ``evidence`` are the caller's own words; ``script`` is what to say; ``heard_reply`` is what
    the caller seems to have answered to the offer (a hint: only a click decides).
    """

    kind: str
    phase: str = ""
    intent: str = ""
    confidence: float = 0.0
    utterance_id: int | None = None
    evidence: tuple[str, ...] = ()
    script: str = ""
    reason: str = ""
    case_id: int | None = None
    stop_kind: str = ""
    offers: tuple[OfferCard, ...] = ()
    refused: tuple[str, ...] = ()
    formalities: str = ""
    heard_reply: str = ""
    competitor: str = ""
    comparison: tuple[Comparison, ...] = ()
    answers: tuple[FaqCard, ...] = ()
    tickets: tuple[str, ...] = field(default=())
    corrected: bool = False
    guide: GuideCard | None = None


def build_card(view: CallView, content: Content, today: date) -> Card:
    """The card for a call as it stands."""
    latest = _latest(view.utterances)
    if view.case is not None:
        return _retention(view, view.case, content, today, latest)
    if latest is None:
        return Card("idle")
    utterance, heard = latest
    base: dict[str, Any] = {
        "intent": utterance.intent, "confidence": heard["confidence"],
        "utterance_id": utterance.id, "evidence": _evidence(heard),
        "corrected": bool(heard.get("corrected")),
        "answers": _answers(heard, content), "tickets": _numbers(view),
    }  # fmt: skip
    family, kind = heard["family"], heard["kind"]
    if family == "disconnect" and kind == "negated":
        return Card("negated", script=str(content.scripts["negated"]), **base)
    if family == "disconnect":
        return Card("clarify", script=str(content.scripts["clarify_stop"]), stop_kind=kind, **base)
    if family == "fault" and (guide := _guide(view, content, utterance, today)) is not None:
        return Card("fault", guide=guide, **base)
    if family == "complaint":
        return Card("complaint", script=str(content.scripts["complaint"]), **base)
    return Card("answer", **base)


_TRIED = {"yes": "是", "no": "否", "unsure": "不清楚"}
#: Boxes that are due for a newer one.
_OLD_BOXES = ("标清", "SH-81", "SH-86")
_LONG_TENURE_MONTHS = 36


def _guide(
    view: CallView, content: Content, asked: records.Utterance, today: date
) -> GuideCard | None:
    """The steps for what was heard last, as far as they are."""
    tree = next((t for t in content.faults if asked.intent in t.intents), None)
    if tree is None:
        return None
    row = next((g for g in reversed(view.guides) if g.tree == tree.code), None)
    state = load_guide(row.state_json) if row is not None else begin(tree)
    step = tree.steps.get(state.step)
    trail = tuple((tree.steps[name].say, given) for name, given in state.trail)
    tried = "；".join(
        f"{say.rstrip('？')}：{_TRIED[given]}" for say, given in trail if given in _TRIED
    )
    upgrade = _upgrade(view, content, today) if state.step == SOLVED else ""
    return GuideCard(
        tree.code, tree.name, state.step, step.say if step is not None else "", trail, tried,
        _step_reply(view, asked), upgrade,
    )  # fmt: skip


def _step_reply(view: CallView, asked: records.Utterance) -> str:
    """What the caller's last words seem to answer to the step."""
    last = next((u for u in reversed(view.utterances) if u.side == "caller"), None)
    stepped = [event.at for event in view.events if event.kind == "guide"]
    if last is None or last.id == asked.id or not _said_after(view, last, stepped):
        return ""
    return {"affirm": "yes", "deny": "no"}.get(last.intent.partition(".")[0], "")


def _upgrade(view: CallView, content: Content, today: date) -> str:
    """Cross-selling only after the fault is handled, and only to whom it helps."""
    if view.customer is None or _subject(view, today).tenure_months < _LONG_TENURE_MONTHS:
        return ""
    old = any(mark in view.customer.customer.box_model for mark in _OLD_BOXES)
    return str(content.scripts["upgrade"]) if old else ""


def _numbers(view: CallView) -> tuple[str, ...]:
    return tuple(ticket.number for ticket in view.tickets)


def _latest(
    utterances: Sequence[records.Utterance],
) -> tuple[records.Utterance, dict[str, Any]] | None:
    """The caller's last utterance that means something by itself."""
    for utterance in reversed(utterances):
        if utterance.side != "caller" or utterance.action not in ("act", "clarify"):
            continue
        heard: dict[str, Any] = json.loads(utterance.understanding_json)
        if heard["family"] not in _REPLIES:
            return utterance, heard
    return None


def _evidence(heard: dict[str, Any]) -> tuple[str, ...]:
    words = [
        e["text"] for e in heard["evidence"] if e["rule"].startswith(("cue", "slot", "modality"))
    ]
    return tuple(dict.fromkeys(word for word in words if word))


def _answers(heard: dict[str, Any], content: Content) -> tuple[FaqCard, ...]:
    found = []
    for hit in heard["faq"]:
        entry = content.faq_entry(hit["id"])
        if entry is not None:
            found.append(FaqCard(entry.id, entry.question, entry.answer, float(hit["score"])))
    return tuple(found)


def _retention(
    view: CallView, case: records.RetentionCase, content: Content, today: date,
    latest: tuple[records.Utterance, dict[str, Any]] | None,
) -> Card:  # fmt: skip
    state = load_case(case.state_json)
    evidence = tuple(dict.fromkeys(
        e["text"] for e in json.loads(case.evidence_json) if e["rule"] != "classifier" and e["text"]
    ))  # fmt: skip
    offers = _offers(view, state, content, today)
    kind = state.kind if state.kind in content.scripts["formalities"] else "cancel"
    competitor, named_fen = _named(view)
    return Card(
        "retention", phase=state.phase, intent=f"disconnect.{state.kind}", evidence=evidence,
        utterance_id=_asked_in(view),
        script=_script(state, offers, content), reason=state.reason, case_id=case.id,
        stop_kind=state.kind, offers=offers, formalities=content.scripts["formalities"][kind],
        refused=tuple(t.offer for t in state.trials if t.outcome == "declined"),
        heard_reply=_reply(view, state), tickets=_numbers(view),
        competitor=competitor, comparison=_compare(view, offers, named_fen, today),
        answers=_answers(latest[1], content) if latest is not None else (),
    )  # fmt: skip


def _named(view: CallView) -> tuple[str, int | None]:
    """The competitor and the monthly price that the caller named last; a price counts only in
    the same breath as a competitor, or right after one."""
    competitor, price, near = "", None, False
    for said in view.utterances:
        if said.side != "caller" or not said.understanding_json:
            continue
        slots = json.loads(said.understanding_json)["slots"]
        named = slots.get("competitor", "")
        competitor = named or competitor
        if (named or near) and slots.get("amount"):
            price = round(float(slots["amount"].split(",")[0]) * 100)
        near = bool(named)
    return competitor, price


def _compare(
    view: CallView, offers: tuple[OfferCard, ...], named_fen: int | None, today: date
) -> tuple[Comparison, ...]:
    """The customer's own figures over one and two years, for the first offer with a price."""
    now = _subject(view, today).monthly_fen
    if not offers or not now:
        return ()
    best = offers[0]
    return tuple(
        Comparison(
            months, now * months, over_months(now, best.price_fen, best.months, months),
            named_fen * months if named_fen is not None else None,
        )
        for months in _COMPARED_MONTHS
    )  # fmt: skip


def _asked_in(view: CallView) -> int | None:
    """The utterance that was understood as the wish to stop."""
    asked = (
        u.id
        for u in view.utterances
        if u.side == "caller" and u.action == "act" and u.intent.startswith("disconnect.")
    )
    return next(asked, None)


def _script(state: CaseState, offers: tuple[OfferCard, ...], content: Content) -> str:
    scripts = content.scripts
    if state.phase is CasePhase.ASKED:
        return str(scripts["ask_reason"])
    if state.reason in NO_OFFER_REASONS:
        return str(scripts["condolence"])
    if state.phase is CasePhase.REASON_KNOWN and not offers:
        return str(scripts["no_offer"])
    if state.phase is CasePhase.REASON_KNOWN and state.refusals:
        return str(scripts["after_refusal"])
    if state.phase is CasePhase.REFUSED_TWICE:
        return str(scripts["second_stage"])
    if state.phase is CasePhase.KEPT and state.trials and state.trials[-1].outcome == "accepted":
        return _confirmation(state, offers, content)
    return ""


def _confirmation(state: CaseState, offers: tuple[OfferCard, ...], content: Content) -> str:
    offer = next((o for o in offers if o.code == state.trials[-1].offer), None)
    if offer is None:
        return ""
    return str(content.scripts["accepted"]).format(
        offer=offer.name, price=yuan(offer.price_fen), months=offer.months
    )


def _offers(
    view: CallView, state: CaseState, content: Content, today: date
) -> tuple[OfferCard, ...]:
    """The offer on the table, or those that may be put on it."""
    subject = _subject(view, today)
    current = state.current_offer or (state.trials[-1].offer if state.phase is CasePhase.KEPT
                                      and state.trials else "")  # fmt: skip
    if current:
        offer = content.offer(current)
        return (_offer_card(offer, subject),) if offer is not None else ()
    if state.phase is not CasePhase.REASON_KNOWN or state.reason in NO_OFFER_REASONS:
        return ()
    made = {trial.offer for trial in state.trials}
    made |= {trial.offer for trial in view.customer.trials} if view.customer else set()
    fit = fitting(content.offers, subject, state.reason, made, today)
    return tuple(_offer_card(offer, subject) for offer in fit[:3])


def _subject(view: CallView, today: date) -> OfferSubject:
    if view.customer is None:
        return OfferSubject(0, 0, 0)
    return offer_subject(view.customer.customer, view.customer.plan, today)


def _offer_card(offer: Offer, subject: OfferSubject) -> OfferCard:
    price = offer.price_fen(subject.monthly_fen)
    saved = max(0, subject.monthly_fen - price) * offer.months
    script = offer.script.format(
        current=yuan(subject.monthly_fen), offer=yuan(price), saved=yuan(saved)
    )
    return OfferCard(offer.code, offer.name, script, offer.months, price, saved, offer.gift,
                     offer.disclosures)  # fmt: skip


def _reply(view: CallView, state: CaseState) -> str:
    """What the last caller's words seem to answer while an offer is on the table."""
    if state.phase is not CasePhase.OFFER_SHOWN:
        return ""
    last = next((u for u in reversed(view.utterances) if u.side == "caller"), None)
    if last is None or not _said_after_offer(view, last):
        return ""
    family = last.intent.partition(".")[0]
    if family in _REPLIES:
        return family
    return "deny" if last.intent in ("disconnect.cancel", "disconnect.switch") else ""


def _said_after_offer(view: CallView, utterance: records.Utterance) -> bool:
    """Whether the words came after the offer was put."""
    shown = [trial.shown_at for trial in view.trials if trial.outcome == "shown"]
    return bool(shown) and _said_after(view, utterance, shown)


def _said_after(
    view: CallView, utterance: records.Utterance, moments: Sequence[datetime]
) -> bool:  # fmt: skip
    """Whether the words came after the last of the moments (the recording begins at the answer)."""
    began = view.call.answered_at
    if began is None:
        return False
    return not moments or began + timedelta(milliseconds=utterance.end_ms) > moments[-1]
