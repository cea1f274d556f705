"""Win-back offers (挽留优惠): what they are, to whom they fit, in which order they are shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.refusal import Invalid


@dataclass(frozen=True, slots=True)
class OfferConditions:
    """To whom an offer may be made; None means no bound. Money is in fen."""

    min_tenure_months: int | None = None
    max_tenure_months: int | None = None
    min_monthly_fen: int | None = None
    max_monthly_fen: int | None = None
    max_arrears_fen: int | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One approved offer. ``reasons`` rank it: an offer fits only reasons that it names.

    ``monthly_fen`` is the price with the offer, None where it does not change the price.
    ``script`` is what the agent says, ``disclosures`` what must be said with it.
    """

    code: str
    name: str
    reasons: tuple[str, ...]
    script: str
    months: int
    monthly_fen: int | None = None
    discount_percent: int | None = None
    gift: str = ""
    disclosures: tuple[str, ...] = ()
    rank: int = 50
    conditions: OfferConditions = OfferConditions()

    def __post_init__(self) -> None:
        if not self.code or not self.script.strip():
            raise Invalid("offer_text", "an offer needs a code and a script")
        if self.monthly_fen is None and self.discount_percent is None and not self.gift:
            raise Invalid("offer_price", f"offer {self.code} needs a price, a discount or a gift")
        if not self.reasons:
            raise Invalid("offer_reasons", f"offer {self.code} fits no reason")

    def price_fen(self, current_fen: int) -> int:
        """The monthly price for somebody who pays ``current_fen`` now."""
        if self.monthly_fen is not None:
            return self.monthly_fen
        percent = self.discount_percent or 0
        return current_fen * (100 - percent) // 100


@dataclass(frozen=True, slots=True)
class OfferSubject:
    """What of a customer the conditions look at."""

    tenure_months: int
    monthly_fen: int
    arrears_fen: int


def _within(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def fits(offer: Offer, subject: OfferSubject, reason: str, today: date) -> bool:
    """Whether an offer may be put to this customer for this reason."""
    rules = offer.conditions
    return (
        reason in offer.reasons
        and _within(subject.tenure_months, rules.min_tenure_months, rules.max_tenure_months)
        and _within(subject.monthly_fen, rules.min_monthly_fen, rules.max_monthly_fen)
        and _within(subject.arrears_fen, None, rules.max_arrears_fen)
        and (rules.valid_until is None or today <= rules.valid_until)
    )


def fitting(
    offers: Iterable[Offer],
    subject: OfferSubject,
    reason: str,
    already: Iterable[str],
    today: date,
) -> list[Offer]:
    """The offers that fit and were not yet made to this person, best first."""
    made = frozenset(already)
    found = [o for o in offers if o.code not in made and fits(o, subject, reason, today)]
    return sorted(found, key=lambda o: (o.reasons.index(reason), -o.rank, o.code))
