"""What the card works out: the competitor's price that the caller named, figures over one and two years."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from app.language.engine import Situation
from app.service import records
from app.service.cards import OfferCard, _compare, _named
from app.service.ports import Content


def _view(content: Content, said: list[str], monthly_fen: int = 9900) -> Any:
    utterances = []
    for at, text in enumerate(said):
        heard = content.engine.understand(text, Situation())
        utterances.append(records.Utterance("c", "caller", at * 3000, at * 3000 + 2000, text, "[]", 1.0, heard.intent, heard.action,
                                            json.dumps(heard.as_json(), ensure_ascii=False), at))
    customer = SimpleNamespace(since=date(2020, 1, 1), arrears_fen=0)
    view = SimpleNamespace(customer=customer, plan=SimpleNamespace(monthly_fen=monthly_fen))
    return SimpleNamespace(utterances=utterances, customer=view, call=SimpleNamespace(answered_at=datetime.now(UTC)))


@pytest.mark.parametrize(("said", "named"), [
    (["电信那边一个月才五十块"], ("电信", 5000)), (["我要转电信", "人家一个月五十九块"], ("电信", 5900)), (["我每个月交九十九块太贵了"], ("", None)),
    (["移动三十九块还送宽带", "联通更便宜"], ("联通", 3900)), (["我要报停"], ("", None))])
def test_the_price_that_the_caller_named(content: Content, said: list[str], named: tuple[str, int | None]) -> None:
    assert _named(_view(content, said)) == named


def test_figures_of_the_first_offer(content: Content) -> None:
    offer = OfferCard("x", "减价", "…", 12, 7900, 24000, "", ())
    year, two = _compare(_view(content, []), (offer,), 5000, date(2026, 11, 22))
    assert (year.months, year.now_fen, year.offer_fen, year.competitor_fen) == (12, 118800, 94800, 60000)
    assert (two.now_fen, two.offer_fen, two.competitor_fen) == (237600, 94800 + 118800, 120000)
    assert _compare(_view(content, []), (), 5000, date(2026, 11, 22)) == ()
