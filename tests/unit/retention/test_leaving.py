"""Formalities in the customer's own figures, who is spared the questions, and an accepted offer read back with its terms."""

from dataclasses import replace
from datetime import date

import pytest

from app.adapters.knowledge.content_files import load_said
from app.domain.retention.case import CasePhase, CaseState, Trial
from app.language.understanding.understood import Understanding
from app.service.calls.queries import CallView
from app.service.calls.records import Utterance
from app.service.retention.calculators import offer_subject, penalty_fen
from app.service.retention.card import _script_key, _spared
from app.service.retention.formalities import confirmation, formalities
from app.service.state_codec import dump
from app.settings import ROOT
from tests.support.kept import present
from tests.support.views import call_view, household

SAID = load_said(ROOT)
SCRIPTS = SAID.scripts
TODAY = date(2026, 11, 22)


def _heard(facts: str = "", intent: str = "none.other") -> CallView:
    family, _, kind = intent.partition(".")
    understood = Understanding("……", family, kind, 0.9, "act", {"household": facts} if facts else {})
    return call_view([Utterance(
        call_id="c", side="caller", start_ms=0, end_ms=900, text="……", words_json="[]", confidence=1.0, intent=intent, action="act",
        understanding_json=dump(understood), id=1)])


def _said(kind: str, facts: str = "", reason: str = "") -> str:
    return formalities(_heard(facts), CaseState(kind, reason=reason), SCRIPTS, TODAY)


def test_who_ends_a_running_contract_hears_what_it_costs_worked_out() -> None:
    words = _said("cancel")
    assert "合约到2027-05-10，还剩6个月：6个月乘每月99元乘30%，今天办违约金178.2元" in words
    assert "没有覆盖" in words and "7个工作日" in words and "100元安装费" in words
    assert "违约金" not in _said("suspend") and "合约期顺延" in _said("suspend")


def test_the_last_days_of_a_contract_cost_nothing() -> None:
    home = household()
    last = [replace(home.customer, expires_on=day) for day in (date(2026, 12, 22), date(2026, 12, 23), date(2026, 11, 1))]
    assert [penalty_fen(customer, home.plan, TODAY) > 0 for customer in last] == [False, True, False]
    view = replace(_heard(), customer=replace(home, customer=last[0]))
    assert "今天办没有违约金" in formalities(view, CaseState("cancel"), SCRIPTS, TODAY)


def test_points_are_not_lost_unsaid() -> None:
    home = household()
    rich = replace(_heard(), customer=replace(home, customer=replace(home.customer, points=2340)))
    assert "还有2340积分，能抵23元" in formalities(rich, CaseState("cancel"), SCRIPTS, TODAY)
    assert "积分" not in formalities(rich, CaseState("suspend"), SCRIPTS, TODAY)


@pytest.mark.parametrize(("kind", "facts", "reason", "words"), [
    ("cancel", "deceased,elder", "", "死亡证明"), ("suspend", "", "deceased", "死亡证明"), ("cancel", "", "abroad", "委托家人"),
    ("cancel", "tenant", "", "房东"), ("suspend", "tenant", "", "停机保号"), ("switch", "", "", "转网"), ("enquiry", "", "", "打电话恢复")])
def test_a_death_life_abroad_and_tenants_have_their_own(kind: str, facts: str, reason: str, words: str) -> None:
    assert words in _said(kind, facts, reason)
    if words == "死亡证明":
        assert "今天办违约金" not in _said(kind, facts, reason)


def test_whom_nobody_knows_is_asked_whether_it_is_the_holder() -> None:
    assert "户主本人" in formalities(call_view(known=False), CaseState("cancel"), SCRIPTS, TODAY)


@pytest.mark.parametrize(("facts", "reason", "key"), [
    ("deceased", "", "condolence"), ("", "deceased", "condolence"), ("minor", "", "minor"), ("elder", "", ""), ("", "price", "")])
def test_the_bereaved_and_children_are_not_asked_why(facts: str, reason: str, key: str) -> None:
    assert _spared(_heard(facts), CaseState("cancel", reason=reason)) == key


def test_anger_is_answered_first_and_a_decision_is_respected() -> None:
    asked = CaseState("cancel")
    assert _script_key(_heard(), asked, ()) == "ask_reason"
    assert _script_key(_heard(intent="complaint.complaint"), asked, ()) == "angry_first"
    assert _script_key(_heard(), CaseState("cancel", CasePhase.PROCEEDING), ()) == "declined"
    twice = CaseState("cancel", CasePhase.PROCEEDING, "price", (Trial("a", "declined"), Trial("b", "declined")), 2)
    assert _script_key(_heard(), twice, ()) == "visit_refused"
    assert all(SCRIPTS[key] for key in ("ask_reason", "angry_first", "declined", "visit_refused", "condolence", "minor"))


def test_an_accepted_offer_is_read_back_with_what_binds() -> None:
    for offer in SAID.offers:
        words = confirmation(offer, offer.price_fen(9900), SCRIPTS)
        assert "{" not in words and words.endswith("您同意办理吗？") and offer.name in words
        assert ("违约金" in words) == ("penalty" in offer.disclosures) and ("不能退回" in words) == ("irreversible" in offer.disclosures)
        assert (offer.gift in words) if offer.price_fen(9900) == 9900 else ("每月" in words)


def test_the_subject_of_offers_is_the_customers_own() -> None:
    home = household()
    subject = offer_subject(home.customer, home.plan, TODAY)
    assert (subject.monthly_fen, subject.plan, subject.contract_months) == (9900, "old", 6)
    assert present(subject.tenure_months) == 82
