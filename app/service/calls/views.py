"""What an agent's screen shows of a call, worked out before any template sees it."""

from dataclasses import dataclass
from datetime import date, datetime

from app.domain.calls.log_kind import CallLogKind
from app.domain.calls.machine import Phase
from app.domain.field.ticket import KINDS as TICKET_KINDS
from app.domain.retention.case import CasePhase
from app.language.understanding.redact import redact
from app.service.calls.card_shapes import Card, CareCard
from app.service.calls.cards import build_card
from app.service.calls.queries import CallView
from app.service.calls.summary import Label, PromiseHeard, draft
from app.service.households.time_line import Contact, time_line
from app.service.ports import Content
from app.service.retention.gate_view import Gate, build_gate
from app.service.retention.views import FormView, build_form

_IN_TALK = (Phase.TALKING, Phase.HELD)
_DAYS_A_YEAR = 365
#: What came of a call, as its case, its ticket or its card says; the first that applies counts.
_BY_CASE = {
    CasePhase.KEPT: "kept",
    CasePhase.PROCEEDING: "proceeded",
    CasePhase.REFUSED_TWICE: "proceeded",
    CasePhase.SECOND_STAGE: "second_stage",
}
_BY_TICKET = {"fault": "fault_ticket", "service": "registered", "complaint": "complaint"}
_BY_CARD = {"answer": "answered", "complaint": "complaint"}
_OTHERWISE = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUp:
    """The end of a call: what probably came of it, its drafted summary, what was promised."""

    disposition: str
    summary: str
    promises: tuple[PromiseHeard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketForm:
    """A field ticket to be opened in a call; ``tried``: steps of a fault guide; ``told``: the
    caller's words where it is urgent; ``opened``: it is what comes next."""

    kind: str
    kinds: tuple[str, ...]
    address: str
    phone: str
    promise: str
    tried: str
    told: str
    needs_grid: bool
    opened: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCall:
    """One call at a desk. ``likely``: intents that the caller may have meant instead."""

    view: CallView
    card: Card
    gate: Gate
    wrap_up: WrapUp | None
    form: FormView | None
    ticket_form: TicketForm
    likely: tuple[str, ...]
    history: tuple[Contact, ...]
    tenure_years: int
    expired: bool

    @property
    def in_talk(self) -> bool:
        """Somebody is there to talk to."""
        return self.view.call.phase in _IN_TALK

    @property
    def at_work(self) -> bool:
        """The agent may still do something for the caller."""
        return self.in_talk or self.wrap_up is not None

    @property
    def correctable(self) -> bool:
        """Whether "not this" makes sense: an understanding leads, and no offer was made on it."""
        card = self.card
        if card.utterance_id is None or card.kind == "idle" or card.corrected:
            return False
        begun = (CasePhase.ASKED, CasePhase.REASON_KNOWN)
        return card.kind != "retention" or card.phase in begun

    @property
    def must_be_said_first(self) -> bool:
        """Something was said wrongly or left out: it stands above the card."""
        return bool(self.gate.alarm or self.gate.wrong)

    @property
    def hearing_gap(self) -> str:
        """Where recognition failed last; empty where it never did."""
        gaps = [
            event.detail for event in self.view.events if event.kind == CallLogKind.HEARING_FAILED
        ]
        return gaps[-1] if gaps else ""

    @property
    def chooses_customer(self) -> bool:
        """The number belongs to several households, or to none."""
        return self.view.customer is None or len(self.view.candidates) > 1


def build_desk_call(view: CallView, content: Content, now: datetime, label: Label) -> DeskCall:
    """``now``: the operator's wall clock; ``label``: names of codes, in Chinese."""
    today = now.date()
    card = build_card(view, content, today)
    customer = view.customer.customer if view.customer is not None else None
    return DeskCall(
        view=view, card=card, gate=build_gate(view, content.spoken),
        wrap_up=_wrap_up(view, card, content, now, label),
        form=build_form(card, view, content), ticket_form=ticket_form(view, card, content),
        likely=_likely(view, card, content),
        history=tuple(time_line(view.customer, view.call.id)) if view.customer else (),
        tenure_years=(today - customer.since).days // _DAYS_A_YEAR if customer else 0,
        expired=_expired(customer.expires_on, today) if customer else False,
    )  # fmt: skip


def _expired(expires_on: date, today: date) -> bool:
    return expires_on < today


def _wrap_up(
    view: CallView, card: Card, content: Content, now: datetime, label: Label
) -> WrapUp | None:
    if view.call.phase != Phase.WRAP_UP:
        return None
    summary = draft(view, content, now, label)
    return WrapUp(
        disposition=likely_disposition(view, card), summary=summary.text, promises=summary.promises
    )


def likely_disposition(view: CallView, card: Card) -> str:
    """What probably came of the call: the case decides, then the last ticket, then the card."""
    if view.case is not None and view.case.phase in _BY_CASE:
        return _BY_CASE[CasePhase(view.case.phase)]
    if view.tickets:
        return _BY_TICKET.get(view.tickets[-1].kind, _OTHERWISE)
    return _BY_CARD.get(card.kind, _OTHERWISE)


def ticket_form(view: CallView, card: Card, content: Content) -> TicketForm:
    """What is known already is filled in."""
    customer = view.customer.customer if view.customer is not None else None
    guide, urgent = card.guide, _urgent(card)
    remote = guide is not None and guide.step == "remote"
    due = guide is not None and guide.step in ("ticket", "remote")
    promise = str(content.scripts["remote_promise"]) if remote else ""
    return TicketForm(
        kind="retention" if card.kind == "retention" else "fault", kinds=TICKET_KINDS,
        address=customer.address if customer is not None else "", phone=view.call.caller,
        promise=urgent.promise if urgent is not None else promise,
        tried=guide.tried if guide is not None else "",
        told=redact(_said(view, card)) if urgent is not None else "", needs_grid=customer is None,
        opened=not view.tickets and (due or (urgent is not None and customer is None)),
    )  # fmt: skip


def _urgent(card: Card) -> CareCard | None:
    """What asks for a ticket at once."""
    return card.care if card.care is not None and card.care.ticket else None


def _said(view: CallView, card: Card) -> str:
    return next((u.text for u in view.utterances if u.id == card.utterance_id), "")


def _likely(view: CallView, card: Card, content: Content) -> tuple[str, ...]:
    text = _said(view, card)
    if card.utterance_id is None or not text:
        return ()
    return tuple(
        kind for kind in content.engine.likely(text) if kind not in (card.intent, "none.other")
    )
