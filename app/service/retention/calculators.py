"""A customer's figures: tenure, price, arrears, and money as people write it."""

import calendar
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from app.domain.retention.offer import Offer, OfferSubject
from app.service.calls.records import Utterance
from app.service.households.records import Customer, Plan

_DAYS_A_MONTH = 30.44
#: So shortly before its end a contract may be ended without penalty.
PENALTY_FREE_DAYS = 30


def offer_subject(customer: Customer, plan: Plan, today: date) -> OfferSubject:
    """What of a customer the conditions of offers look at."""
    months = int((today - customer.since).days / _DAYS_A_MONTH)
    return OfferSubject(
        months, plan.monthly_fen, customer.arrears_fen, plan.code,
        months_left(customer, plan, today),
    )  # fmt: skip


def months_left(customer: Customer, plan: Plan, today: date) -> int:
    """Begun months until the contract ends; 0 without a contract."""
    if plan.contract_months <= 0 or customer.expires_on <= today:
        return 0
    return math.ceil((customer.expires_on - today).days / _DAYS_A_MONTH)


def penalty_fen(customer: Customer, plan: Plan, today: date) -> int:
    """What ending the contract today costs: a share of the months that are left, in fen;
    nothing in its last PENALTY_FREE_DAYS."""
    if (customer.expires_on - today).days <= PENALTY_FREE_DAYS:
        return 0
    months = months_left(customer, plan, today)
    return months * plan.monthly_fen * plan.penalty_percent // 100


def heard_in(subject: OfferSubject, said: Iterable[Utterance]) -> OfferSubject:
    """The subject with what its caller said in the call: competitor, its price, the household."""
    utterances = tuple(said)
    competitor, named_fen = named_competitor(utterances)
    return replace(
        subject, competitor=competitor, named_fen=named_fen, household=household_facts(utterances)
    )


def household_facts(said: Iterable[Utterance]) -> frozenset[str]:
    """Facts about the household that the caller named: elder, tenant, deceased, minor, ..."""
    found: set[str] = set()
    for utterance in said:
        if utterance.side == "caller" and utterance.understanding is not None:
            found |= set(utterance.understanding.slots.get("household", "").split(","))
    return frozenset(found - {""})


def named_competitor(said: Iterable[Utterance]) -> tuple[str, int | None]:
    """The competitor and its monthly price (fen) that the caller named last; a price counts only
    in the same breath as a competitor, or right after one."""
    competitor, price, near = "", None, False
    for utterance in said:
        heard = utterance.understanding
        if utterance.side != "caller" or heard is None:
            continue
        slots = heard.slots
        named = slots.get("competitor", "")
        competitor = named or competitor
        if (named or near) and slots.get("amount"):
            price = round(float(slots["amount"].split(",")[0]) * 100)
        near = bool(named)
    return competitor, price


def first_bill_fen(old_fen: int, new_fen: int, today: date) -> int:
    """This month's bill when a plan changes today: each price for its days, in fen."""
    days = calendar.monthrange(today.year, today.month)[1]
    before = today.day - 1
    return round((old_fen * before + new_fen * (days - before)) / days)


def over_months(now_fen: int, price_fen: int, promised: int, months: int) -> int:
    """What an offer costs over ``months``: its price first, today's price after it ends."""
    inside = min(promised, months)
    return inside * price_fen + (months - inside) * now_fen


def yuan(fen: int) -> str:
    """Fen as yuan, without needless zeros: 2450 is 24.5."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class OfferFigures:
    """An offer for somebody who pays a certain price now: fen, and the script with them."""

    price_fen: int
    saved_fen: int
    words: str


def in_figures(offer: Offer, monthly_fen: int) -> OfferFigures:
    """What the offer costs and saves over its months."""
    price = offer.price_fen(monthly_fen)
    saved = max(0, monthly_fen - price) * offer.months
    words = offer.script.format(current=yuan(monthly_fen), offer=yuan(price), saved=yuan(saved))
    return OfferFigures(price, saved, words)
