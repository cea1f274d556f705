"""What is said of leaving (办理手续): the formalities, what it costs today, what is lost by it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from app.domain.retention.case import CaseState
from app.domain.retention.offer import Offer
from app.service.calls.queries import CallView
from app.service.households.records import Customer, Plan
from app.service.retention.calculators import household_facts, months_left, penalty_fen, yuan

#: How many points are worth a yuan (the FAQ's entry ``points`` says the same).
POINTS_A_YUAN = 100
#: Stops that end a contract: what it costs is said with them.
ENDING = frozenset({"cancel", "switch", "enquiry"})


def formalities(view: CallView, state: CaseState, scripts: Mapping[str, Any], today: date) -> str:
    """What the agent explains to somebody who leaves, with the customer's own figures."""
    known = scripts["formalities"]
    kind = _kind(view, state)
    said = [str(known[kind if kind in known else "cancel"])]
    if kind != "deceased":
        said += _leaving(view, state, scripts["leaving"], today)
    return "".join(said)


def _kind(view: CallView, state: CaseState) -> str:
    """A death, life abroad and a rented home have their own formalities."""
    facts = household_facts(view.utterances)
    if state.reason == "deceased" or "deceased" in facts:
        return "deceased"
    if state.reason == "abroad":
        return "abroad"
    return "tenant" if "tenant" in facts and state.kind in ENDING else state.kind


def _leaving(
    view: CallView, state: CaseState, words: Mapping[str, str], today: date
) -> Iterator[str]:
    if view.customer is None:
        yield words["holder"]
        return
    if state.kind not in ENDING:
        return
    yield from _penalty(view.customer.customer, view.customer.plan, words, today)
    points = view.customer.customer.points
    if points >= POINTS_A_YUAN:
        yield words["points"].format(points=points, value=points // POINTS_A_YUAN)


def _penalty(
    customer: Customer, plan: Plan, words: Mapping[str, str], today: date
) -> Iterator[str]:
    penalty = penalty_fen(customer, plan, today)
    if not penalty:
        yield words["no_penalty"]
        return
    yield words["penalty"].format(
        until=customer.expires_on.isoformat(), left=months_left(customer, plan, today),
        price=yuan(plan.monthly_fen), percent=plan.penalty_percent, penalty=yuan(penalty),
    )  # fmt: skip
    yield words["waived"]


def confirmation(offer: Offer, price_fen: int, scripts: Mapping[str, Any]) -> str:
    """An accepted offer read back: what it is, what it costs, and the terms that bind."""
    changes_price = offer.monthly_fen is not None or offer.discount_percent is not None
    what = str(scripts["accepted_price" if changes_price else "accepted_gift"])
    values = {"price": yuan(price_fen), "months": offer.months, "gift": offer.gift}
    terms = scripts["terms"]
    binding = "".join(terms[code].format(**values) for code in offer.disclosures if code in terms)
    return str(scripts["accepted"]).format(
        offer=offer.name, what=what.format(**values), terms=binding
    )
