"""A customer's figures: tenure, price, arrears, and money as people write it."""

from datetime import date

from app.domain.offer import OfferSubject
from app.service import records

_DAYS_A_MONTH = 30.44


def offer_subject(customer: records.Customer, plan: records.Plan, today: date) -> OfferSubject:
    """What of a customer the conditions of offers look at."""
    months = int((today - customer.since).days / _DAYS_A_MONTH)
    return OfferSubject(months, plan.monthly_fen, customer.arrears_fen)


def yuan(fen: int) -> str:
    """Fen as yuan, without needless zeros: 2450 is 24.5."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")
