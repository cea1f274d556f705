"""A customer's figures: tenure, price, arrears, and money as people write it."""

import math
from datetime import date

from app.domain.offer import OfferSubject
from app.service import records

_DAYS_A_MONTH = 30.44


def offer_subject(customer: records.Customer, plan: records.Plan, today: date) -> OfferSubject:
    """What of a customer the conditions of offers look at."""
    months = int((today - customer.since).days / _DAYS_A_MONTH)
    return OfferSubject(months, plan.monthly_fen, customer.arrears_fen)


def penalty_fen(customer: records.Customer, plan: records.Plan, today: date) -> int:
    """What ending the contract today costs: a share of the months that are left, in fen."""
    if plan.contract_months <= 0 or customer.expires_on <= today:
        return 0
    months = math.ceil((customer.expires_on - today).days / _DAYS_A_MONTH)
    return months * plan.monthly_fen * plan.penalty_percent // 100


def over_months(now_fen: int, price_fen: int, promised: int, months: int) -> int:
    """What an offer costs over so many months: its price first, today's price after it ends."""
    inside = min(promised, months)
    return inside * price_fen + (months - inside) * now_fen


def yuan(fen: int) -> str:
    """Fen as yuan, without needless zeros: 2450 is 24.5."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")
