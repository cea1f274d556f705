"""Offers: to whom they fit, in which order."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.domain.refusal import Invalid
from app.domain.retention.offer import (
    Measured,
    Offer,
    OfferConditions,
    OfferSubject,
    expected_share,
    fitting,
)
from app.service.ports import Content
from app.service.retention.calculators import yuan

TODAY = date(2026, 11, 22)
OLD = OfferSubject(tenure_months=60, monthly_fen=8800, arrears_fen=0)


def test_every_offer_of_the_demo_can_be_made_to_somebody(content: Content) -> None:
    assert len(content.offers) >= 20
    for offer in content.offers:
        rules = offer.conditions
        subject = OfferSubject(
            rules.min_tenure_months or 0, rules.min_monthly_fen or 5900, rules.min_arrears_fen or 0, plan=next(iter(rules.plans), ""),
            contract_months=rules.min_contract_months or 0, competitor=next(iter(rules.competitors), ""), authority=rules.authority,
            household=frozenset(rules.household[:1]))
        for reason in offer.reasons:
            assert offer in fitting(content.offers, subject, reason, (), TODAY)
        text = offer.script.format(current="1", offer="2", saved="3")
        assert "{" not in text


def test_conditions_and_earlier_offers_exclude(content: Content) -> None:
    codes = [o.code for o in fitting(content.offers, OLD, "price", (), TODAY)]
    assert codes[0] == "price-cut-12"
    new = replace(OLD, tenure_months=2)
    assert "price-cut-12" not in [o.code for o in fitting(content.offers, new, "price", (), TODAY)]
    again = fitting(content.offers, OLD, "price", ["price-cut-12"], TODAY)
    assert "price-cut-12" not in [o.code for o in again]
    assert fitting(content.offers, OLD, "deceased", (), TODAY) == []


def test_an_offer_expires() -> None:
    offer = Offer("x", "X", ("price",), "{offer}", 12, monthly_fen=100,
                  conditions=OfferConditions(valid_until=date(2026, 11, 21)))
    assert fitting([offer], OLD, "price", (), TODAY) == []


@pytest.mark.parametrize("bad", [
    {"monthly_fen": None}, {"script": " "}, {"reasons": ()}, {"code": ""}])
def test_an_impossible_offer_is_never_built(bad: dict[str, Any]) -> None:
    good = Offer("x", "X", ("price",), "say", 12, monthly_fen=100)
    with pytest.raises(Invalid):
        replace(good, **bad)


def test_prices() -> None:
    cut = Offer("x", "X", ("price",), "say", 12, discount_percent=30)
    assert cut.price_fen(8800) == 6160
    assert [yuan(6160), yuan(2400), yuan(5)] == ["61.6", "24", "0.05"]


def _offer(code: str, rank: int = 50, item: str = "", **rules: Any) -> Offer:
    return Offer(code, code, ("price", "competitor"), "…", 12, monthly_fen=5000, rank=rank, item=item,
                 conditions=OfferConditions(**rules))


@pytest.mark.parametrize(("rules", "subject", "fit"), [
    ({"plans": ("old-fuse",)}, {"plan": "old-fuse"}, True), ({"plans": ("old-fuse",)}, {"plan": "tv-4k"}, False),
    ({"competitors": ("电信",)}, {"competitor": "电信"}, True), ({"competitors": ("电信",)}, {"competitor": "移动"}, False),
    ({"competitors": ("电信",)}, {}, False), ({"authority": 1}, {"authority": 1}, True), ({"authority": 2}, {"authority": 1}, False),
    ({"min_arrears_fen": 1}, {"arrears_fen": 2400}, True), ({"min_arrears_fen": 1}, {}, False),
    ({"min_contract_months": 2}, {"contract_months": 2}, True), ({"min_contract_months": 2}, {"contract_months": 1}, False),
    ({"min_named_fen": 5900}, {"named_fen": 5900}, True), ({"min_named_fen": 5900}, {"named_fen": 3900}, False), ({"min_named_fen": 5900}, {}, True),
    ({"household": ("elder",)}, {"household": frozenset({"elder", "away"})}, True), ({"household": ("elder",)}, {"household": frozenset({"child"})}, False),
    ({"household": ("elder",)}, {}, False), ({}, {"household": frozenset({"deceased"})}, False), ({}, {"household": frozenset({"minor", "elder"})}, False),
    ({"max_contract_months": 6}, {"contract_months": 6}, True), ({"max_contract_months": 6}, {"contract_months": 7}, False)])
def test_rules_of_plan_competitor_authority_and_contract(rules: dict[str, Any], subject: dict[str, Any], fit: bool) -> None:
    assert bool(fitting([_offer("x", **rules)], replace(OLD, **subject), "price", (), TODAY)) is fit


def test_what_is_out_of_stock_is_not_offered() -> None:
    offers = [_offer("box", item="box-4k"), _offer("cut")]
    assert [o.code for o in fitting(offers, replace(OLD, sold_out=frozenset({"box-4k"})), "price", (), TODAY)] == ["cut"]


def test_what_customers_answered_moves_the_order() -> None:
    offers = [_offer("ranked", rank=90), _offer("liked", rank=40)]
    assert [o.code for o in fitting(offers, OLD, "price", (), TODAY)] == ["ranked", "liked"]
    few = {"liked": Measured(2, 2)}
    assert [o.code for o in fitting(offers, OLD, "price", (), TODAY, few)][0] == "ranked", "two answers prove little"
    many = {"liked": Measured(60, 80), "ranked": Measured(10, 80)}
    assert [o.code for o in fitting(offers, OLD, "price", (), TODAY, many)] == ["liked", "ranked"]
    assert expected_share(offers[0], "price", Measured()) > expected_share(offers[0], "competitor", Measured())
