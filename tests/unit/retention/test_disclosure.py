"""What must be said: the machine, what counts as said, figures, the summary's due times."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.knowledge.content_files import load_said
from app.domain.refusal import Refused
from app.domain.retention.disclosure import (
    DONE,
    UNSAID,
    Disclosure,
    allowed,
    step,
)
from app.domain.retention.disclosure import DisclosureEvent as E
from app.domain.retention.disclosure import DisclosureState as S
from app.language.knowledge.content import ContentError
from app.language.understanding.statements import (
    SpokenRules,
    Tariff,
    WrongFigure,
    right_figures,
    wrong_figures,
)
from app.service.calls.summary import due, edited
from app.service.retention.calculators import over_months
from app.settings import ROOT

TODAY = date(2026, 11, 22)
TARIFF = Tariff(20000, (7900, 9900), date(2027, 3, 1))


@pytest.fixture(scope="module")
def rules() -> SpokenRules:
    return load_said(ROOT).spoken


def test_a_statement_is_said_when_it_is_heard_and_a_confirmation_when_it_is_answered() -> None:
    assert step(Disclosure("penalty"), E.HEARD).state is S.SAID
    asked = step(Disclosure("confirm", confirmation=True), E.HEARD)
    assert asked.state is S.ASKED and asked.unsaid
    assert step(asked, E.AGREED).state is S.SAID
    assert step(asked, E.REFUSED).state is S.OPEN
    with pytest.raises(Refused):
        step(Disclosure("confirm", confirmation=True), E.AGREED)
    assert step(asked, E.ENDED).state is S.MISSED


def test_what_a_second_hearing_does_not_find_is_open_again() -> None:
    assert step(Disclosure("penalty", state=S.SAID), E.MISHEARD).state is S.OPEN
    assert step(Disclosure("confirm", confirmation=True, state=S.SAID), E.MISHEARD).state is S.ASKED
    assert step(Disclosure("confirm", confirmation=True, state=S.ASKED), E.MISHEARD).state is S.OPEN
    for settled in (S.TICKED, S.DROPPED, S.MISSED):
        assert E.MISHEARD not in allowed(settled), "what a person said, or the end of the call, stays"


@given(st.lists(st.sampled_from(list(E)), max_size=12), st.booleans())
def test_any_walk_ends_said_or_not_and_never_goes_back(events: list[E], confirmation: bool) -> None:
    row = Disclosure("x", confirmation)
    for event in events:
        if event not in allowed(row.state):
            with pytest.raises(Refused):
                step(row, event)
            continue
        before, row = row, step(row, event)
        found = before.state is S.MISSED and event is E.FOUND
        assert before.state in UNSAID or event is E.MISHEARD or found, "what is settled stays"
        if row.state in DONE and confirmation:
            assert event in (E.AGREED, E.TICKED), "a confirmation needs the customer's yes"


@pytest.mark.parametrize(("text", "codes"), [
    ("合约期内提前解约要收违约金的", {"penalty"}), ("跟您再确认一次您同意办理吗", {"confirm"}), ("套餐改了以后改不回来", {"irreversible"}),
    ("超出套餐的部分按标准资费", {"overage"}), ("合约期内提前解约要收维约金", {"penalty"}), ("好的我帮您看一下", set()),
    ("您同意办理吗违约金也跟您说一下", {"confirm", "penalty"})])
def test_what_counts_as_said(rules: SpokenRules, text: str, codes: set[str]) -> None:
    assert rules.said(text) == codes


def test_closing_and_promises(rules: SpokenRules) -> None:
    assert rules.closes("好的再见") and rules.closes("感谢您的来电祝您生活愉快") and not rules.closes("您再见见师傅怎么说".replace("再见", "再听"))
    assert rules.promised("明天下午师傅上门看一下") and not rules.promised("请您重启一下机顶盒")


@pytest.mark.parametrize(("text", "wrong"), [
    ("违约金一百元", [WrongFigure("penalty", "100", "200")]), ("违约金是两百块", []), ("要交一百块违约金", [WrongFigure("penalty", "100", "200")]),
    ("每个月只要七十九元", []), ("现在是每月九十九块", []), ("一个月八十九块钱", [WrongFigure("price", "89", "79")]), ("保号费每个月五块", []),
    ("合同到明年三月到期", []), ("合同到今年十二月到期", [WrongFigure("expiry", "2026-12", "2027-03")]), ("没有违约金", []), ("您好", [])])
def test_spoken_figures_are_checked_with_the_tariff(text: str, wrong: list[WrongFigure]) -> None:
    assert wrong_figures(text, TARIFF, TODAY) == wrong
    assert wrong_figures(text, Tariff(), TODAY) == []


@pytest.mark.parametrize(("text", "right"), [
    ("每个月只要七十九元", {"price"}), ("一个月八十九块钱", set()), ("合同到明年三月到期", {"expiry"}), ("合同到今年十二月到期", set()),
    ("没有违约金", set()), ("您好", set())])
def test_figures_that_are_named_as_they_are(text: str, right: set[str]) -> None:
    assert right_figures(text, TARIFF, TODAY) == right
    assert right_figures(text, Tariff(), TODAY) == set()


def test_figures_over_one_and_two_years() -> None:
    assert over_months(9900, 7900, 12, 12) == 12 * 7900
    assert over_months(9900, 7900, 12, 24) == 12 * 7900 + 12 * 9900
    assert over_months(9900, 7900, 24, 12) == 12 * 7900


@pytest.mark.parametrize(("text", "at"), [
    ("明天下午师傅上门", "2026-11-23T18:00"), ("明天上午十点师傅上门", "2026-11-23T10:00"), ("我给您回电话", "2026-11-23T15:30"),
    ("今天下午给您回电话", "2026-11-22T18:00"), ("今天上午给您回复", "2026-11-23T12:00")])
def test_a_promise_has_a_due_time(text: str, at: str) -> None:
    now = datetime(2026, 11, 22, 15, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert due(text, now).strftime("%Y-%m-%dT%H:%M") == at


def test_an_edited_summary_is_noticed() -> None:
    assert not edited("来电：报停\n原因：太贵", "来电：报停 原因：太贵") and edited("来电：报停", "来电：报停，要回电")


def test_rules_that_name_no_statement_are_refused(tmp_path: Path) -> None:
    from app.adapters.knowledge.content_files import read_spoken

    (tmp_path / "gate.yaml").write_text("situations: {cancel: [nothing]}\nclosing: []\npromises: []\n")
    with pytest.raises(ContentError, match="no statement nothing"):
        read_spoken({}, tmp_path / "gate.yaml")
