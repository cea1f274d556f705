"""The retention case: opened by what is heard or noted, moved by the agent's clicks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from app.domain.calls.log_kind import CallLogKind
from app.domain.ids import CaseId
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.domain.retention import case as machine
from app.domain.retention.case import NO_OFFER_REASONS, OPEN, CasePhase, CaseState
from app.domain.retention.offer import Offer, OfferSubject, fitting
from app.service.calls import attention
from app.service.calls.records import Call, CallEvent, Utterance
from app.service.command import handles
from app.service.context import Context
from app.service.households.records import Customer, Plan
from app.service.lookup import own_call, require
from app.service.notices import Notice, NoticeKind
from app.service.people.records import User
from app.service.ports import UnitOfWork
from app.service.retention import gate, stock
from app.service.retention.calculators import heard_in, offer_subject
from app.service.retention.cases import case_of, keep, open_new
from app.service.retention.commands import OpenCase, StepCase
from app.service.retention.records import OfferTrial, RetentionCase


@handles(OpenCase)
def open_case(command: OpenCase, uow: UnitOfWork, context: Context) -> CaseId:
    """The agent noted a wish that was not heard. Raises Refused where a case is open already."""
    call = own_call(uow, command.call_id, command.actor)
    known = case_of(uow, call.id)
    if known is not None and CasePhase(known.phase) in OPEN:
        raise Refused(RefusalCode.CASE_OPEN, "a retention case is open for this call already")
    case = open_new(uow, context, call, command.kind)
    assert case.id is not None  # noqa: S101  flushed
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))
    return CaseId(case.id)


def _event(action: str, value: str) -> machine.CaseEvent:
    makers: dict[str, Callable[[], machine.CaseEvent]] = {
        "kind": lambda: machine.KindHeard(value),
        "reason": lambda: machine.ReasonGiven(value),
        "offer": lambda: machine.OfferShown(value),
        "accept": machine.OfferAccepted,
        "decline": machine.OfferDeclined,
        "proceed": machine.Proceeded,
        "stay": machine.StayedAnyway,
    }
    if action not in makers:
        raise Invalid(RefusalCode.CASE_ACTION, f"unknown action {action!r}")
    return makers[action]()


@handles(StepCase)
def step_case(command: StepCase, uow: UnitOfWork, context: Context) -> CaseId:
    """One click of the agent. Raises Refused where the machine or the fairness rules say no."""
    case = require(uow, RetentionCase, command.case_id, lock=True)
    if not command.actor.is_user(case.agent_id):
        raise Refused(RefusalCode.NOT_YOURS, "this case belongs to another agent")
    if command.action == "offer":
        _check_offer(uow, context, case, command.value)
    state = keep(case, _event(command.action, command.value), context)
    _keep_trial(uow, context, case, state, command)
    _open_gate(uow, context, case, state, command.action)
    attention.use(uow, context, case.call_id, "disconnect")
    kind = CallLogKind(f"case_{command.action}")
    log = CallEvent(call_id=case.call_id, at=context.clock.now(), kind=kind, detail=command.value)
    uow.add(log)
    uow.notify(Notice(NoticeKind.CARD, case.call_id, command.actor.id or 0, case=case.phase))
    return command.case_id


def _check_offer(uow: UnitOfWork, context: Context, case: RetentionCase, code: str) -> None:
    if code not in {offer.code for offer in offers_for(uow, context, case)}:
        raise Refused(
            RefusalCode.OFFER_UNFIT, f"offer {code} does not fit this customer, or was made before"
        )


def _keep_trial(
    uow: UnitOfWork, context: Context, case: RetentionCase, state: CaseState,
    command: StepCase,
) -> None:  # fmt: skip
    assert case.id is not None  # noqa: S101
    now = context.clock.now()
    if command.action == "offer":
        uow.add(
            OfferTrial(
                case_id=case.id, offer=command.value, shown_at=now, customer_id=case.customer_id
            )
        )
    elif command.action in ("accept", "decline"):
        offer = state.trials[-1].offer
        for trial in uow.find(OfferTrial, case_id=case.id, offer=offer):
            trial.outcome, trial.answered_at = state.trials[-1].outcome, now


def _open_gate(
    uow: UnitOfWork, context: Context, case: RetentionCase, state: CaseState, action: str
) -> None:
    """What must be said follows from what is offered, sold or ended."""
    if action == "proceed":
        gate.stop_begun(uow, context, require(uow, Call, case.call_id), state.kind)
    if action not in ("offer", "accept", "decline"):
        return
    code = state.trials[-1].offer
    offer = context.content.current().offer(code)
    if action == "offer" and offer is not None:
        gate.offer_shown(uow, context, case.call_id, offer)
    elif action != "offer":
        gate.offer_answered(uow, context, case.call_id, code, accepted=action == "accept")
    if action == "accept" and offer is not None:
        stock.hand_over(uow, context, offer, str(case.agent_id))


def offers_for(uow: UnitOfWork, context: Context, case: RetentionCase) -> list[Offer]:
    """Offers that fit the customer and the reason and were never made to this customer."""
    state = case.state
    if not state.reason or state.reason in NO_OFFER_REASONS:
        return []
    today = context.clock.local().date()
    made = {trial.offer for trial in state.trials}
    if case.customer_id is not None:
        made |= set(uow.offers_made(case.customer_id))
    subject = _subject(uow, case, today)
    return fitting(context.content.current().offers, subject, state.reason, made, today)


def _subject(uow: UnitOfWork, case: RetentionCase, today: date) -> OfferSubject:
    subject = OfferSubject(0, 0, 0)
    if case.customer_id is not None:
        customer = require(uow, Customer, case.customer_id)
        plan = require(uow, Plan, customer.plan_code)
        subject = offer_subject(customer, plan, today)
    agent = uow.get(User, case.agent_id) if case.agent_id else None
    return replace(
        heard_in(subject, uow.find(Utterance, call_id=case.call_id)), sold_out=stock.sold_out(uow),
        authority=agent.offer_authority if agent is not None else 0,
    )  # fmt: skip
