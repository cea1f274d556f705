"""Facts in utterances: money, dates, times, places, numbers, households."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.understanding.moments import find_moment
from app.language.understanding.normalise import normalise, simplified
from app.language.understanding.numbers import amounts
from app.language.understanding.slots import find_slots
from app.language.understanding.understood import Situation
from app.service.ports import Content

#: A Thursday.
NOW = datetime(2026, 11, 19, 10, 30)


@pytest.mark.parametrize(("said", "fen"), [
    ("三十九块九一个月", [3990]), ("三十九块九毛九", [3999]), ("128元", [12800]), ("39.9元", [3990]),
    ("一百二十八块五", [12850]), ("五毛钱", [50]), ("扣了我二十", [2000]), ("欠两百", [20000]),
    ("从五十九块涨到七十九块", [5900, 7900]), ("一块钱", [100]), ("我们一块去", []), ("三点来", []),
    ("三百兆", []), ("交了三个月", []), ("欠费", []), ("一千二百块", [120000]), ("两万元", [2000000])])
def test_amounts(said: str, fen: list[int]) -> None:
    assert [amount.fen for amount in amounts(said)] == fen


@pytest.mark.parametrize(("said", "day", "time", "part"), [
    ("明天下午三点", "2026-11-20", "15:00", "afternoon"), ("下周三上午", "2026-11-25", "", "morning"),
    ("过两天", "2026-11-21", "", ""), ("过几天", "", "", ""), ("周六", "2026-11-21", "", ""),
    ("这周四", "2026-11-19", "", ""), ("下下周一", "2026-11-30", "", ""), ("三天后", "2026-11-22", "", ""),
    ("十二月五号", "2026-12-05", "", ""), ("一月五号", "2027-01-05", "", ""), ("25号", "2026-11-25", "", ""),
    ("5号", "2026-12-05", "", ""), ("下个月五号", "2026-12-05", "", ""), ("月底", "2026-11-30", "", ""),
    ("下个月底", "2026-12-31", "", ""), ("今晚七点半", "2026-11-19", "19:30", "evening"),
    ("后天十点一刻", "2026-11-21", "10:15", ""), ("大后天", "2026-11-22", "", ""),
    ("下午三点二十分", "", "15:20", "afternoon"), ("14:30", "", "14:30", ""), ("三点", "", "15:00", ""),
    ("昨天", "2026-11-18", "", ""), ("两个月后", "2027-01-19", "", ""), ("中午十二点", "", "12:00", "noon")])
def test_moments(said: str, day: str, time: str, part: str) -> None:
    found = find_moment(said, NOW)
    assert found is not None and (found.day, found.time, found.part) == (day, time, part)
    assert said[found.start : found.end] == said


@pytest.mark.parametrize("said", ["便宜一点", "一点都不好", "三点意见", "有点贵", "人民路三十号", "三号楼", "十二月", "三十二号"])
def test_no_moment(said: str) -> None:
    found = find_moment(said, NOW)
    assert found is None or not (found.day or found.time)


def test_without_a_clock_no_day_is_made_up() -> None:
    found = find_moment("明天下午三点", None)
    assert found is not None and (found.day, found.time) == ("", "15:00")


@pytest.mark.parametrize(("said", "slots"), [
    ("我住在海景花园三栋二单元五零二", {"estate": "海景花园", "address": "海景花园3栋2单元502"}),
    ("海警花园十二栋三零一", {"estate": "海景花园", "address": "海景花园12栋301"}),
    ("搬到人民路三十号", {"address": "人民路30号"}), ("我在湖东花园", {"estate": "湖东花园"}),
    ("智能卡号是八零二三四五六七八九零幺", {"smart_card": "802345678901"}),
    ("卡号 8023 4567 8901", {"smart_card": "802345678901"}), ("机顶盒号SC12345678", {"box_no": "SC12345678"}),
    ("户号是 sh600012", {"account_no": "SH600012"}), ("电话幺三八幺二三四五六七八", {"phone": "13812345678"}),
    ("身份證後四位三零二幺", {"id_last4": "3021"}), ("家里老人去世了", {"household": "elder,deceased"}),
    ("我是租房的人在国外", {"household": "tenant,abroad"}), ("联通才三十块", {"competitor": "联通", "amount": "30"})])
def test_slots(content: Content, said: str, slots: dict[str, str]) -> None:
    found = content.engine.understand(said, Situation(NOW)).slots
    assert slots.items() <= found.items(), found


def test_evidence_of_a_slot_points_into_the_raw_text(content: Content) -> None:
    said = "師傅,明天下午三点来海景花园,网費三十九块九太貴"
    heard = content.engine.understand(said, Situation(NOW))
    told = {said[e.start : e.end] for e in heard.evidence if e.rule == "slot"}
    assert {"明天下午三点", "海景花园", "三十九块九", "太貴"} <= told


def test_facts_alone_are_no_wish(content: Content) -> None:
    for said in ("晚上八点半", "一百二十八块五", "海景花园三栋", "下个月五号"):
        heard = content.engine.understand(said, Situation(NOW))
        assert (heard.intent, heard.action) == ("none.facts", "none") and heard.slots


@given(st.text(alphabet="零一二三四五六七八九十百千万点块毛号月周明天下午0123456789.:栋单元室路abc,。 是就", max_size=40))
def test_no_text_breaks_the_slots(raw: str) -> None:
    for now in (NOW, None):
        find_moment(raw, now)
    for amount in amounts(simplified(raw)):
        assert 0 <= amount.start < amount.end <= len(raw) and amount.fen >= 0


@given(raw=st.text(max_size=60))
def test_slots_of_any_text_stay_inside_it(content: Content, raw: str) -> None:
    for slot in find_slots(normalise(raw), content.knowledge.lexicon, NOW):
        assert 0 <= slot.start <= slot.end <= len(raw) and slot.value
