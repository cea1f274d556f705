"""What an agent says wrongly: figures that the tariff denies, words that mislead or hurt."""

import json
from collections.abc import Mapping
from typing import Any

from app.domain.calls.log_kind import CallLogKind
from app.domain.retention.case import NO_OFFER_REASONS
from app.domain.retention.disclosure import DisclosureState
from app.language.understanding.statements import (
    Tariff,
    names_figure,
    right_figures,
    wrong_figures,
)
from app.service.calls.records import Call, CallEvent, Utterance
from app.service.context import Context
from app.service.households.records import Customer, Plan
from app.service.lookup import require
from app.service.ports import UnitOfWork
from app.service.retention.calculators import penalty_fen
from app.service.retention.cases import case_of
from app.service.retention.records import Disclosure, OfferTrial, RetentionCase

#: Before the code of a statement in a line of the log: the statement was denied.
DENIED = "denied:"
_PENALTY = "penalty"


def check(uow: UnitOfWork, context: Context, call: Call, utterance: Utterance) -> bool:
    """Note what is wrong in an agent's utterance; answers whether anything changed."""
    words = _check_words(uow, context, call, utterance)
    return _check_figures(uow, context, call, utterance) or words


def forget(uow: UnitOfWork, call: Call, utterance: Utterance) -> None:
    """Take back what was noted of an utterance: it says something else now."""
    for event, _ in _noted(uow, call, utterance):
        uow.remove(CallEvent, id=event.id)


def forget_unsaid(uow: UnitOfWork, context: Context, call: Call, utterance: Utterance) -> None:
    """The call is over: what was not said wrongly goes, nothing is wrong only now."""
    figures = _wrong_of(uow, context, call, utterance)
    words = _words_of(context, utterance)
    for event, detail in _noted(uow, call, utterance):
        figure = (detail["what"], detail["said"])
        still = figure in figures if event.kind == CallLogKind.FIGURE_WRONG else figure[0] in words
        if not still:
            uow.remove(CallEvent, id=event.id)


def _noted(
    uow: UnitOfWork, call: Call, utterance: Utterance
) -> list[tuple[CallEvent, dict[str, Any]]]:
    """What was found wrong in an utterance."""
    kinds = (CallLogKind.FIGURE_WRONG, CallLogKind.WORDS_WRONG)
    events = [each for kind in kinds for each in uow.find(CallEvent, call_id=call.id, kind=kind)]
    found = [(event, json.loads(event.detail)) for event in events]
    return [each for each in found if each[1].get("utterance") == utterance.id]


def _wrong_of(
    uow: UnitOfWork, context: Context, call: Call, utterance: Utterance
) -> set[tuple[str, str]]:
    """Wrong figures on the day of the call: what, and what was said."""
    day = call.started_at.astimezone(context.clock.local().tzinfo).date()
    tariff = _tariff(uow, context, call) if names_figure(utterance.text) else None
    wrong = wrong_figures(utterance.text, tariff, day) if tariff is not None else []
    return {(each.what, each.said) for each in wrong}


def _words_of(context: Context, utterance: Utterance) -> dict[str, str]:
    """The words that mislead by what is wrong with them, denied statements among them."""
    rules = context.content.current().spoken
    denied = {DENIED + code: said for code, said in rules.denied(utterance.text).items()}
    return denied | dict(rules.misled(utterance.text))


def _check_words(uow: UnitOfWork, context: Context, call: Call, utterance: Utterance) -> bool:
    found = {
        what: said for what, said in _words_of(context, utterance).items()
        if not what.startswith(DENIED) or what.removeprefix(DENIED) in _due(uow, context, call)
    }  # fmt: skip
    for what, said in found.items():
        detail = {"what": what, "said": said, "utterance": utterance.id}
        _log(uow, context, call, CallLogKind.WORDS_WRONG, detail)
    return bool(found)


def _due(uow: UnitOfWork, context: Context, call: Call) -> frozenset[str]:
    """The statements that nobody may deny in this call: those that are asked for, and the penalty
    where the contract has one. Whoever has lost the holder pays none."""
    rows = uow.find(Disclosure, call_id=call.id)
    asked = frozenset(row.code for row in rows if row.state != DisclosureState.DROPPED)
    case = case_of(uow, call.id)
    if case is not None and case.reason in NO_OFFER_REASONS:
        return asked - {_PENALTY}
    return asked | {_PENALTY} if _owed_fen(uow, context, call) else asked


def _owed_fen(uow: UnitOfWork, context: Context, call: Call) -> int:
    tariff = _tariff(uow, context, call)
    return (tariff.penalty_fen or 0) if tariff is not None else 0


def _log(
    uow: UnitOfWork, context: Context, call: Call, kind: CallLogKind, detail: Mapping[str, Any]
) -> None:
    text = json.dumps(detail, ensure_ascii=False)
    uow.add(CallEvent(call_id=call.id, at=context.clock.now(), kind=kind, detail=text))


def _check_figures(uow: UnitOfWork, context: Context, call: Call, utterance: Utterance) -> bool:
    tariff = _tariff(uow, context, call) if names_figure(utterance.text) else None
    if tariff is None:
        return False
    now, today = context.clock.now(), context.clock.local().date()
    wrong = wrong_figures(utterance.text, tariff, today)
    for each in wrong:
        detail = {"what": each.what, "said": each.said, "right": each.right,
                  "utterance": utterance.id}  # fmt: skip
        _log(uow, context, call, CallLogKind.FIGURE_WRONG, detail)
    right = sorted(right_figures(utterance.text, tariff, today))
    for what in right:
        event = CallEvent(call_id=call.id, at=now, kind=CallLogKind.FIGURE_RIGHT, detail=what)
        uow.add(event)
    return bool(wrong or right)


def _tariff(uow: UnitOfWork, context: Context, call: Call) -> Tariff | None:
    """The right figures: the customer's contract, and the offer on the table."""
    if call.customer_id is None:
        return None
    customer = require(uow, Customer, call.customer_id)
    plan = require(uow, Plan, customer.plan_code)
    trials = [
        trial
        for case in uow.find(RetentionCase, call_id=call.id)
        for trial in uow.find(OfferTrial, case_id=case.id)
        if trial.outcome != "declined"
    ]
    offers = [context.content.current().offer(trial.offer) for trial in trials]
    prices = tuple(o.price_fen(plan.monthly_fen) for o in reversed(offers) if o is not None)
    today = context.clock.local().date()
    monthly = (*prices, plan.monthly_fen) if prices else ()
    return Tariff(penalty_fen(customer, plan, today), monthly, customer.expires_on)
