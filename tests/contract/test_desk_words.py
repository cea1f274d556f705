"""On SQLite and PostgreSQL: what an agent says wrongly is noted quietly and taken back; what goes before every card is drawn."""

import json
from collections.abc import Mapping
from datetime import date

import pytest

from app.domain.ids import UtteranceId
from app.language.understanding.understood import Understanding
from app.service.calls.cards import build_card
from app.service.calls.commands import RecordUtterance, ReviseUtterance, SettleCard
from app.service.calls.queries import CallView
from app.service.calls.records import CallEvent
from app.service.ports import Content, Word
from app.service.retention.gate_view import Gate, build_gate
from app.web.render import Page
from tests.contract.conftest import Shop
from tests.contract.test_screens import Office
from tests.support.actors import as_user

#: In a contract with a penalty.
BOUND = "13800000001"
TODAY = date(2026, 11, 22)


def _say(shop: Shop, call_id: str, text: str, at_s: int, heard: Understanding | None = None) -> UtteranceId:
    side = "caller" if heard is not None else "agent"
    return UtteranceId(shop.bus.execute(RecordUtterance(
        call_id=call_id, side=side, start_ms=at_s * 1000, end_ms=at_s * 1000 + 900, words=(Word(text, 0, 0.9, 0.9),), understanding=heard,
        heard_frames=(at_s * 50, at_s * 50))))


def _view(shop: Shop, call_id: str) -> CallView:
    view = shop.queries.call(call_id)
    assert view is not None
    return view


def _gate(shop: Shop, call_id: str, content: Content) -> Gate:
    return build_gate(_view(shop, call_id), content.spoken)


def _logged(shop: Shop, call_id: str) -> list[str]:
    with shop.reads() as reads:
        return [json.loads(event.detail)["what"] for event in reads.find(CallEvent, call_id=call_id, kind="words_wrong")]


def test_a_penalty_that_is_denied_is_noted_until_it_is_said(shop: Shop, content: Content) -> None:
    call_id = shop.talk(BOUND)
    _say(shop, call_id, "您放心没有违约金", 1)
    (note,) = _gate(shop, call_id, content).notes
    statement = content.spoken.statements["penalty"]
    assert (note.name, note.instead) == (statement.name, statement.say) and "违约金" in note.said
    assert _logged(shop, call_id) == ["denied:penalty"] and not _gate(shop, call_id, content).wrong
    _say(shop, call_id, "不好意思合约期内提前走要赔违约金的", 5)
    assert _gate(shop, call_id, content).notes == () and _logged(shop, call_id) == ["denied:penalty"]


def test_words_that_hurt_are_noted_for_a_while_and_go_when_they_were_misheard(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13999999999")
    _say(shop, call_id, "您放心没有违约金", 1)
    assert _logged(shop, call_id) == [], "nobody knows this caller's contract"
    said = _say(shop, call_id, "这不归我管", 2)
    (note,) = _gate(shop, call_id, content).notes
    assert note.instead == content.spoken.misleading["forbidden"].instead
    shop.bus.execute(ReviseUtterance(call_id=call_id, utterance_id=said, words=(Word("这个我来管", 0, 0.9, 0.9),), understanding=None))
    assert _logged(shop, call_id) == [] and _gate(shop, call_id, content).notes == ()
    _say(shop, call_id, "随便你去哪投诉", 10)
    _say(shop, call_id, "好的我帮您登记", 300)
    assert _logged(shop, call_id) == ["forbidden"] and _gate(shop, call_id, content).notes == (), "it is quiet again"


def _heard(intent: str, slots: Mapping[str, str] | None = None) -> Understanding:
    family, _, kind = intent.partition(".")
    return Understanding("…", family, kind, 0.95, "act", dict(slots or {}))


@pytest.mark.parametrize(("intent", "slots", "shown", "not_shown"), [
    ("fault.danger", {}, ('data-care="danger"', "119", "/ticket"), ()), ("human.crisis", {}, ('data-care="crisis"', "12356"), ("加急", "urgent ticket")),
    ("complaint.fraud", {}, ('data-care="fraud"', "96110", 'id="form-complaint"'), ()),
    ("complaint.threat", {}, ('data-care="threat"', "12315", 'id="form-complaint"'), ()),
    ("none.other", {"household": "minor"}, ('data-care="minor"',), ()),
    ("disconnect.cancel", {"household": "deceased"}, ('data-care="bereaved"', "/proceed"), ("/reason", "/offer\"", "price-cut")),
    ("disconnect.enquiry", {}, ("/kind",), ("/reason",))])
def test_what_goes_first_is_drawn_in_both_languages(
    shop: Shop, content: Content, intent: str, slots: dict[str, str], shown: tuple[str, ...], not_shown: tuple[str, ...]
) -> None:
    office = Office(shop, content)
    call_id = shop.talk(BOUND)
    _say(shop, call_id, "我的话", 1, _heard(intent, slots))
    _say(shop, call_id, "您怎么不早说", 2)
    for language in ("zh", "en"):
        office.screen("1001", language).values()
        html = office.shared.calls.html("card", Page(office.deps, language, shop.queries.user_by_name("1001")), call_id)
        assert all(part in html for part in shown), (language, html)
        assert not any(part in html for part in not_shown), (language, html)
        assert content.spoken.misleading["blame"].name[language] in html


def test_who_stays_is_not_asked_why(shop: Shop, content: Content) -> None:
    office = Office(shop, content)
    call_id = shop.talk(BOUND)
    _say(shop, call_id, "我要停", 1, _heard("disconnect.cancel"))
    _say(shop, call_id, "算了不停了", 2, _heard("disconnect.negated"))
    office.screen("1001").values()
    html = office.shared.calls.html("card", Page(office.deps, "zh", shop.queries.user_by_name("1001")), call_id)
    assert content.scripts["negated"] in html and "/reason" not in html and "/stay" in html


def test_what_goes_first_is_put_away_though_the_words_meant_nothing_else(shop: Shop, content: Content) -> None:
    call_id = shop.talk(BOUND)
    said = _say(shop, call_id, "我十二岁妈妈不在家", 1, Understanding("…", "none", "other", 0.9, "none", {"household": "minor"}))
    assert build_card(_view(shop, call_id), content, TODAY).kind == "care"
    shop.bus.execute(SettleCard(utterance_id=said, fate="answered", actor=as_user(shop.agents["1001"])))
    assert build_card(_view(shop, call_id), content, TODAY).kind == "idle"
