"""What is offered first for each reason, to whom, and that nothing is offered that is not true of the customer."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.retention.offer import OfferSubject, fitting
from app.service.ports import Content

TODAY = date(2026, 11, 22)
BUNDLE = OfferSubject(tenure_months=60, monthly_fen=8800, arrears_fen=0, plan="old-fuse")
TV = OfferSubject(tenure_months=60, monthly_fen=3600, arrears_fen=0, plan="tv-plus")
NEW = OfferSubject(tenure_months=8, monthly_fen=5900, arrears_fen=0, plan="fuse-100", contract_months=4)


def _codes(content: Content, subject: OfferSubject, reason: str) -> list[str]:
    return [o.code for o in fitting(content.offers, subject, reason, (), TODAY)]


@pytest.mark.parametrize("reason", [
    "price", "moving", "not_watching", "competitor", "service", "slow", "abroad", "contract_ended", "house_let", "other"])
def test_whoever_pays_and_owes_nothing_gets_something_for_every_reason(content: Content, reason: str) -> None:
    assert _codes(content, BUNDLE, reason)


@pytest.mark.parametrize(("subject", "reason", "first"), [
    (NEW, "service", "line-care"), (NEW, "slow", "speed-up"), (NEW, "competitor", "welcome-85"), (BUNDLE, "service", "line-care"),
    (BUNDLE, "contract_ended", "renew-85"), (BUNDLE, "house_let", "tenant-register"), (BUNDLE, "moving", "free-relocate"),
    (replace(NEW, contract_months=0), "not_watching", "net-only-100"), (NEW, "not_watching", "hold-number")])
def test_the_fitting_one_comes_first(content: Content, subject: OfferSubject, reason: str, first: str) -> None:
    assert _codes(content, subject, reason)[0] == first


@pytest.mark.parametrize("reason", ["price", "competitor", "contract_ended"])
def test_arrears_are_spread_before_anything_else(content: Content, reason: str) -> None:
    assert _codes(content, replace(BUNDLE, arrears_fen=5900), reason)[0] == "instalment"
    assert "instalment" not in _codes(content, BUNDLE, reason)


def test_who_has_broadband_is_not_offered_to_lose_it_unasked(content: Content) -> None:
    for reason in ("price", "not_watching"):
        assert not {"basic-downgrade", "elder-plan"} & set(_codes(content, replace(BUNDLE, household=frozenset({"elder"})), reason))
    assert {"basic-downgrade", "elder-plan"} <= set(_codes(content, replace(TV, household=frozenset({"elder"})), "price"))
    assert "elder-plan" not in _codes(content, TV, "price"), "nobody old was named"


def test_a_running_contract_is_not_called_ended_and_not_broken_by_a_smaller_plan(content: Content) -> None:
    within = replace(TV, contract_months=8)
    for reason in ("price", "contract_ended", "not_watching"):
        assert not {"renew-85", "month-to-month", "basic-downgrade", "net-only-300"} & set(_codes(content, within, reason))


def test_a_price_that_is_undercut_is_not_answered_with_a_higher_one(content: Content) -> None:
    rival = replace(BUNDLE, competitor="电信")
    assert "rival-match" in _codes(content, replace(rival, named_fen=6900), "competitor")
    assert "rival-match" not in _codes(content, replace(rival, named_fen=3900), "competitor")
    assert "rival-match" not in _codes(content, BUNDLE, "competitor"), "no competitor was named"
