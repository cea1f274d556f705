"""Win-back offers (挽留优惠): what they are, to whom they fit, in which order they are shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.refusal import Invalid, RefusalCode


@dataclass(frozen=True, slots=True)
class OfferConditions:
    """To whom an offer may be made; None or empty means no bound. Money is in fen.

    ``max_contract_months``: how long the running contract may still last; ``plans`` and
    ``competitors``: codes and names, one of which must be the customer's; ``household``: facts
    of which the caller must have named one; ``min_named_fen``: a competitor's monthly price that
    the caller named must be at least this (an offer must not be dearer than what it answers);
    ``authority``: the level that the agent needs (0 everybody).
    """

    min_tenure_months: int | None = None
    max_tenure_months: int | None = None
    min_monthly_fen: int | None = None
    max_monthly_fen: int | None = None
    min_arrears_fen: int | None = None
    max_arrears_fen: int | None = None
    min_contract_months: int | None = None
    max_contract_months: int | None = None
    min_named_fen: int | None = None
    plans: tuple[str, ...] = ()
    competitors: tuple[str, ...] = ()
    household: tuple[str, ...] = ()
    authority: int = 0
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """One approved offer. ``reasons`` rank it: an offer fits only reasons that it names.

    ``monthly_fen`` is the price with the offer, None where it does not change the price.
    ``script`` is what the agent says, ``disclosures`` what must be said with it. ``item`` is
    what is handed over and may run out of stock.
    """

    code: str
    name: str
    reasons: tuple[str, ...]
    script: str
    months: int
    monthly_fen: int | None = None
    discount_percent: int | None = None
    gift: str = ""
    item: str = ""
    disclosures: tuple[str, ...] = ()
    rank: int = 50
    conditions: OfferConditions = OfferConditions()

    def __post_init__(self) -> None:
        if not self.code or not self.script.strip():
            raise Invalid(RefusalCode.OFFER_TEXT, "an offer needs a code and a script")
        if self.monthly_fen is None and self.discount_percent is None and not self.gift:
            raise Invalid(
                RefusalCode.OFFER_PRICE, f"offer {self.code} needs a price, a discount or a gift"
            )
        if not self.reasons:
            raise Invalid(RefusalCode.OFFER_REASONS, f"offer {self.code} fits no reason")

    def price_fen(self, current_fen: int) -> int:
        """The monthly price for somebody who pays ``current_fen`` now."""
        if self.monthly_fen is not None:
            return self.monthly_fen
        percent = self.discount_percent or 0
        return current_fen * (100 - percent) // 100


@dataclass(frozen=True, slots=True)
class OfferSubject:
    """What the conditions of offers look at: customer, call and agent.

    ``competitor`` is the one that the caller named, ``named_fen`` its monthly price (None: no
    price named); ``household`` are facts that the caller named; ``sold_out`` are items without
    stock.
    """

    tenure_months: int
    monthly_fen: int
    arrears_fen: int
    plan: str = ""
    contract_months: int = 0
    competitor: str = ""
    authority: int = 0
    sold_out: frozenset[str] = frozenset()
    named_fen: int | None = None
    household: frozenset[str] = frozenset()


#: Facts of a household with which nobody is offered anything: a death; a child on the telephone.
NOBODY_TO_PERSUADE = frozenset({"deceased", "minor"})


@dataclass(frozen=True, slots=True)
class Measured:
    """How customers answered an offer that was put to them for one reason."""

    accepted: int = 0
    answered: int = 0


def _within(value: int, low: int | None, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _one_of(value: str, wanted: tuple[str, ...]) -> bool:
    return not wanted or value in wanted


def fits(offer: Offer, subject: OfferSubject, reason: str, today: date) -> bool:
    """Whether an offer may be put to this customer for this reason."""
    rules = offer.conditions
    return (
        subject.household.isdisjoint(NOBODY_TO_PERSUADE)
        and reason in offer.reasons
        and _within(subject.tenure_months, rules.min_tenure_months, rules.max_tenure_months)
        and _within(subject.monthly_fen, rules.min_monthly_fen, rules.max_monthly_fen)
        and _within(subject.arrears_fen, rules.min_arrears_fen, rules.max_arrears_fen)
        and _within(subject.contract_months, rules.min_contract_months, rules.max_contract_months)
        and (subject.named_fen is None or _within(subject.named_fen, rules.min_named_fen, None))
        and _one_of(subject.plan, rules.plans)
        and _one_of(subject.competitor, rules.competitors)
        and (not rules.household or not subject.household.isdisjoint(rules.household))
        and subject.authority >= rules.authority
        and offer.item not in subject.sold_out
        and (rules.valid_until is None or today <= rules.valid_until)
    )


#: How many answers of customers an offer's rank is worth.
PRIOR_ANSWERS = 20
#: A rank of 100 stands for this share of acceptances; a reason named later for that much less.
_BEST_SHARE, _LATER_REASON = 0.6, 0.85


def expected_share(offer: Offer, reason: str, measured: Measured) -> float:
    """The share of customers expected to accept, 0 to 1: the rank as a prior, moved by what
    customers answered (the mean of a beta distribution)."""
    prior = _BEST_SHARE * offer.rank / 100 * _LATER_REASON ** offer.reasons.index(reason)
    return (prior * PRIOR_ANSWERS + measured.accepted) / (PRIOR_ANSWERS + measured.answered)


def fitting(
    offers: Iterable[Offer],
    subject: OfferSubject,
    reason: str,
    already: Iterable[str],
    today: date,
    success: Mapping[str, Measured] | None = None,
) -> list[Offer]:
    """The offers that fit and were not yet made to this person, the most promising first.

    ``success``: what customers with this reason answered, by offer.
    """
    made, known = frozenset(already), success or {}
    found = [o for o in offers if o.code not in made and fits(o, subject, reason, today)]

    def order(offer: Offer) -> tuple[float, str]:
        return -expected_share(offer, reason, known.get(offer.code, Measured())), offer.code

    return sorted(found, key=order)
