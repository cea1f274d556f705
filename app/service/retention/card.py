"""The retention card: reason, offers with the customer's own figures, formalities."""

from dataclasses import replace
from datetime import date

from app.domain.retention.case import (
    NO_OFFER_REASONS,
    OPEN,
    REFUSALS_UNTIL_PROCEED,
    CasePhase,
    CaseState,
)
from app.domain.retention.offer import Measured, Offer, OfferSubject, fitting
from app.service.calls import care
from app.service.calls.card_shapes import Card, Comparison, FaqCard, OfferCard, Topic
from app.service.calls.queries import CallView
from app.service.calls.records import Utterance
from app.service.field.guide_card import said_after
from app.service.ports import Content
from app.service.retention.calculators import (
    heard_in,
    household_facts,
    in_figures,
    named_competitor,
    offer_subject,
    over_months,
)
from app.service.retention.formalities import confirmation, formalities
from app.service.retention.records import RetentionCase

_REPLIES = ("affirm", "deny")
#: The caller takes the wish back: a hint beside the reply to an offer.
STAYS = "stays"
_COMPARED_MONTHS = (12, 24)
_MOST_OFFERS = 3


def build_retention(
    view: CallView, case: RetentionCase, content: Content, today: date,
    answers: tuple[FaqCard, ...], topics: tuple[Topic, ...],
) -> Card:  # fmt: skip
    state = case.state
    evidence = tuple(dict.fromkeys(
        e.text for e in case.evidence if e.rule != "classifier" and e.text
    ))  # fmt: skip
    offers = _offers(view, state, content, today)
    competitor, named_fen = named_competitor(view.utterances)
    beside = care.beside_case(view)
    return Card(
        "retention", phase=state.phase, intent=f"disconnect.{state.kind}", evidence=evidence,
        utterance_id=_asked_in(view), reason=state.reason, case_id=case.id,
        script=_script(view, state, offers, content), heard_reply=_reply(view, state),
        stop_kind=state.kind, offers=offers,
        formalities=formalities(view, state, content.scripts, today),
        refused=tuple(t.offer for t in state.trials if t.outcome == "declined"),
        tickets=tuple(ticket.number for ticket in view.tickets),
        competitor=competitor, comparison=_compare(view, offers, named_fen, today),
        answers=answers, topics=topics,
        care=care.care_card(beside, content) if beside is not None else None,
    )  # fmt: skip


def _taken_back(view: CallView, state: CaseState) -> bool:
    """Whether the caller's newest word on stopping is that they stay."""
    if state.phase not in OPEN:
        return False
    wishes = [u for u in view.utterances if u.side == "caller" and u.action == "act"
              and u.intent.startswith("disconnect.")]  # fmt: skip
    return bool(wishes) and wishes[-1].intent == "disconnect.negated"


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


def _script(
    view: CallView, state: CaseState, offers: tuple[OfferCard, ...], content: Content
) -> str:
    key = _spared(view, state) or _script_key(view, state, offers)
    return str(content.scripts[key]) if key else _confirmation(state, offers, content)


def _spared(view: CallView, state: CaseState) -> str:
    """Who stays is thanked; nobody asks the bereaved or a child why."""
    if _taken_back(view, state):
        return "negated"
    facts = household_facts(view.utterances)
    if state.reason in NO_OFFER_REASONS or "deceased" in facts:
        return "condolence"
    return "minor" if "minor" in facts else ""


def _script_key(view: CallView, state: CaseState, offers: tuple[OfferCard, ...]) -> str:
    """What is said in this phase, by its key in the scripts; empty: an offer speaks, or none."""
    if state.phase is CasePhase.ASKED and state.kind == "enquiry":
        return "after_answer"
    if state.phase is CasePhase.ASKED:
        return "angry_first" if _complained(view) else "ask_reason"
    if state.phase is CasePhase.REASON_KNOWN and not offers:
        return "no_offer"
    if state.phase is CasePhase.REASON_KNOWN and state.refusals:
        return "after_refusal"
    if state.phase is CasePhase.REFUSED_TWICE:
        return "second_stage"
    if state.phase is CasePhase.PROCEEDING:
        return "visit_refused" if state.refusals >= REFUSALS_UNTIL_PROCEED else "declined"
    return ""


def _complained(view: CallView) -> bool:
    return any(u.side == "caller" and u.intent.startswith("complaint.") for u in view.utterances)


def _confirmation(state: CaseState, offers: tuple[OfferCard, ...], content: Content) -> str:
    """What was accepted, read back with its terms; empty where nothing was."""
    if state.phase is not CasePhase.KEPT or not state.trials:
        return ""
    if state.trials[-1].outcome != "accepted":
        return ""
    shown = next((o for o in offers if o.code == state.trials[-1].offer), None)
    offer = content.offer(state.trials[-1].offer)
    if shown is None or offer is None:
        return ""
    return confirmation(offer, shown.price_fen, content.scripts)


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
    fit = fitting(content.offers, subject, state.reason, made, today, view.success)
    return tuple(_offer_card(o, subject, view.success.get(o.code)) for o in fit[:_MOST_OFFERS])


def _subject(view: CallView, today: date) -> OfferSubject:
    subject = OfferSubject(0, 0, 0)
    if view.customer is not None:
        subject = offer_subject(view.customer.customer, view.customer.plan, today)
    return replace(
        heard_in(subject, view.utterances), sold_out=view.sold_out,
        authority=view.agent.offer_authority if view.agent is not None else 0,
    )  # fmt: skip


def _offer_card(offer: Offer, subject: OfferSubject, measured: Measured | None = None) -> OfferCard:
    figures = in_figures(offer, subject.monthly_fen)
    known = measured or Measured()
    return OfferCard(
        offer.code, offer.name, figures.words, offer.months, figures.price_fen,
        figures.saved_fen, offer.gift,
        offer.disclosures, known.accepted, known.answered,
    )  # fmt: skip


def _reply(view: CallView, state: CaseState) -> str:
    """What the last caller's words seem to answer while an offer is on the table, or that they
    stay."""
    if _taken_back(view, state):
        return STAYS
    if state.phase is not CasePhase.OFFER_SHOWN:
        return ""
    last = next((u for u in reversed(view.utterances) if u.side == "caller"), None)
    if last is None or not _said_after_offer(view, last):
        return ""
    family = last.intent.partition(".")[0]
    if family in _REPLIES:
        return family
    return "deny" if last.intent in ("disconnect.cancel", "disconnect.switch") else ""


def _said_after_offer(view: CallView, utterance: Utterance) -> bool:
    """Whether the words came after the offer was put."""
    shown = [trial.shown_at for trial in view.trials if trial.outcome == "shown"]
    return bool(shown) and said_after(view, utterance, shown)
