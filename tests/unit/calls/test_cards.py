"""What the card works out: the competitor's price that the caller named, figures over one and two years."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from app.domain.field.guide import SOLVED, TICKET, begin, end
from app.language.understanding.understood import Situation
from app.service.calls.card_shapes import OfferCard
from app.service.calls.cards import build_card
from app.service.calls.queries import CallView
from app.service.calls.records import CardFate, Utterance
from app.service.field.guide_card import build_guide
from app.service.field.records import FaultGuide
from app.service.ports import Content
from app.service.retention.calculators import first_bill_fen, named_competitor
from app.service.retention.card import _compare
from app.service.state_codec import dump
from tests.support.kept import present
from tests.support.views import call_view


def _view(content: Content, said: list[str], monthly_fen: int = 9900) -> CallView:
    utterances = []
    for at, text in enumerate(said):
        heard = content.engine.understand(text, Situation())
        utterances.append(Utterance(
            call_id="c", side="caller", start_ms=at * 3000, end_ms=at * 3000 + 2000, text=text, words_json="[]", confidence=1.0, intent=heard.intent,
            action=heard.action, understanding_json=dump(heard), id=at))
    return call_view(utterances=utterances, monthly_fen=monthly_fen)


@pytest.mark.parametrize(("said", "named"), [
    (["电信那边一个月才五十块"], ("电信", 5000)), (["我要转电信", "人家一个月五十九块"], ("电信", 5900)), (["我每个月交九十九块太贵了"], ("", None)),
    (["移动三十九块还送宽带", "联通更便宜"], ("联通", 3900)), (["我要报停"], ("", None))])
def test_the_price_that_the_caller_named(content: Content, said: list[str], named: tuple[str, int | None]) -> None:
    assert named_competitor(_view(content, said).utterances) == named


def test_figures_of_the_first_offer(content: Content) -> None:
    offer = OfferCard("x", "减价", "…", 12, 7900, 24000, "", ())
    year, two = _compare(_view(content, []), (offer,), 5000, date(2026, 11, 22))
    assert (year.months, year.now_fen, year.offer_fen, year.competitor_fen) == (12, 118800, 94800, 60000)
    assert (two.now_fen, two.offer_fen, two.competitor_fen) == (237600, 94800 + 118800, 120000)
    assert _compare(_view(content, []), (), 5000, date(2026, 11, 22)) == ()


TODAY = date(2026, 11, 22)


def _fate(view: CallView, at: int, fate: str) -> None:
    assert isinstance(view.fates, list), "as call_view makes it"
    view.fates.append(CardFate(call_id="c", utterance_id=at, intent=view.utterances[at].intent, shown_at=datetime.now(UTC), fate=fate))


def test_one_card_and_a_short_stack(content: Content) -> None:
    """The newest is in front; the others wait, can be brought back, are put away, and retire."""
    view = _view(content, ["怎么交费", "我家电视没信号", "我要投诉你们", "套餐有哪些"])
    card = build_card(view, content, TODAY)
    assert card.kind == "answer" and card.intent.startswith("plan.")
    assert [topic.intent.partition(".")[0] for topic in card.topics] == ["complaint", "fault", "billing"]
    _fate(view, 1, "front")
    card = build_card(view, content, TODAY)
    assert card.kind == "fault" and len(card.topics) == 3
    view.fates[0].fate = "dismissed"
    card = build_card(view, content, TODAY)
    assert card.kind == "answer" and [t.utterance_id for t in card.topics] == [2, 0]
    _fate(view, 3, "answered")
    assert build_card(view, content, TODAY).kind == "complaint"
    view.utterances[-1].start_ms, view.utterances[-1].end_ms = 500_000, 502_000
    assert build_card(view, content, TODAY).topics == (), "what nobody took up for three minutes retires"


@pytest.mark.parametrize(("model", "since", "offered"), [
    ("SH-8612 标清", date(2020, 1, 1), True), ("4K-900", date(2020, 1, 1), False), ("SH-8612 标清", date(2026, 1, 1), False)])
def test_a_newer_box_is_offered_once_it_works_and_to_whom_it_helps(content: Content, model: str, since: date, offered: bool) -> None:
    """Which boxes are due is written in prompts/agent/scripts.yaml."""
    view = _view(content, ["我家电视没信号"])
    household = present(view.customer).customer
    household.box_model, household.since = model, since
    tree = next(t for t in content.faults if view.utterances[0].intent in t.intents)
    for outcome, due in ((SOLVED, offered), (TICKET, False)):
        state = end(begin(tree), outcome)
        ended = replace(view, guides=(FaultGuide(call_id="c", tree=tree.code, state_json=dump(state), started_at=datetime.now(UTC), outcome=outcome),))
        guide = build_guide(ended, content, view.utterances[0], TODAY)
        assert guide is not None and bool(guide.upgrade) is due


def test_what_was_acted_on_stays_until_something_else_comes(content: Content) -> None:
    view = _view(content, ["我要投诉你们"])
    _fate(view, 0, "used")
    assert build_card(view, content, TODAY).form == "complaint"
    view = _view(content, ["我要投诉你们", "怎么交费"])
    _fate(view, 0, "used")
    card = build_card(view, content, TODAY)
    assert card.kind == "answer" and card.topics == ()


def test_figures_on_bill_and_plan_cards(content: Content) -> None:
    card = build_card(_view(content, ["查一下我的话费余额"]), content, TODAY)
    assert card.bill is not None
    assert (card.bill.monthly_fen, card.bill.arrears_fen, card.bill.months_left) == (9900, 2400, 6)
    assert card.bill.penalty_fen == 6 * 9900 * 30 // 100
    card = build_card(_view(content, ["我想换个套餐"]), content, TODAY)
    assert [row.own for row in card.plan_rows] == [True]
    assert first_bill_fen(3000, 6000, date(2026, 11, 16)) == 4500 and first_bill_fen(3000, 6000, date(2026, 11, 1)) == 6000
