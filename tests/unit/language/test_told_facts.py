"""Facts by their meaning: telephone numbers corrected on the way, times, sums without a unit, competitors, reasons."""

import pytest

from app.language.knowledge.content import ContentError
from app.language.knowledge.examples import parse_reasons
from app.language.understanding.intents import Example
from app.language.understanding.modality import expected_after
from app.language.understanding.moments import find_duration, find_moment
from app.language.understanding.numbers import amounts
from app.language.understanding.telephone import phone
from app.language.understanding.understood import REASON, Situation
from app.service.ports import Content


@pytest.mark.parametrize(("said", "number"), [
    ("一三八零零一三八零零零", "13800138000"), ("幺三九后面是八八八然后七七六六五", "13988877665"),
    ("一八九三二不对是三三然后五五六六七七", "18933556677"), ("我的号是一五七三三七啊不是三三九后面零二一一八", "15733902118"),
    ("一三六零零不是零零是九九一二三四五六", "13699123456"), ("一八八四个八后面六六零一不对零二", "18888886602"),
    ("一五九零零一一二二三三错了最后是四四", "15900112244"), ("区号零七五五八三二一六六八八", "075583216688"),
    ("三个零的那种号", None), ("", None), ("不对", None)])  # fmt: skip
def test_a_number_is_the_one_that_is_meant_last(said: str, number: str | None) -> None:
    assert phone(said) == number


@pytest.mark.parametrize(("said", "when"), [
    ("国庆以后再来装", "国庆以后"), ("过完年给我开", "过完年"), ("腊月二十之前接通", "腊月二十之前"), ("明儿下半晌在家", "明儿"),
    ("等麦收完了再说", "等麦收完了"), ("七月初来", "七月初"), ("号码是一五一五一二三三四四五", None), ("三栋二十六号", None)])  # fmt: skip
def test_times_as_the_country_names_them(said: str, when: str | None) -> None:
    found = find_moment(said, None)
    assert (said[found.start : found.end] if found else None) == when


@pytest.mark.parametrize(("said", "lasting"), [
    ("先停三个月", "三个月"), ("停半年吧", "半年"), ("停一个暑假", "一个暑假"), ("出差四十天", "四十天"), ("我签了一年半", "一年半"),
    ("等了半天", None), ("三天两头坏", None), ("一个月二十五块", None), ("小学三年级", None), ("下个月", None), ("三天前", None)])  # fmt: skip
def test_how_long_is_no_date_and_no_rate(said: str, lasting: str | None) -> None:
    found = find_duration(said)
    assert (said[slice(*found)] if found else None) == lasting


@pytest.mark.parametrize(("said", "yuan"), [
    ("一百二十九太贵了", [129]), ("降到四十九的那一档", [49]), ("怎么蹦出个一百三十八", [138]), ("押了你们两百", [200]),
    ("充了一百", [100]), ("一百兆够用了", []), ("我今年六十七了", []), ("住二十三楼", []), ("一百二十个频道", []),
    ("扣了两百出头", []), ("八百回了", []), ("长宁新村五十七弄", []), ("十十一", [])])  # fmt: skip
def test_sums_without_their_unit(said: str, yuan: "list[int]") -> None:
    assert [amount.fen / 100 for amount in amounts(said)] == yuan


@pytest.mark.parametrize(("said", "who"), [
    ("幺零零八六给我打电话了", "移动"), ("装的是长城", "其他"), ("一零零一零便宜", "联通"), ("电信号灯一直闪", None),
    ("移动硬盘读不出来", None), ("把音响联通起来", None), ("长城纪录片在哪看", None)])  # fmt: skip
def test_a_competitor_is_one_that_sells(content: Content, said: str, who: str | None) -> None:
    hit = content.knowledge.lexicon.competitor(said)
    assert (hit.word if hit else None) == who


@pytest.mark.parametrize(("said", "reason"), [
    ("那个盒子早就落灰了", "not_watching"), ("房东要把房子收回去", "house_let"), ("绿卡下来了全家都走", "abroad"),
    ("老爷子上个月走了", "deceased"), ("约满了就不续了", "contract_ended"), ("我手头紧交不起", "price")])  # fmt: skip
def test_why_is_told_by_meaning(content: Content, said: str, reason: str) -> None:
    assert content.engine.understand(said, Situation(expecting=REASON)).slots.get("reason") == reason


@pytest.mark.parametrize("said", [
    "师傅看了看就走了", "我妈刚走去买菜了", "他们都不在家", "我爸在楼下", "我七岁", "给老子把线拔了", "人都出去了", "电视信号没了"])
def test_nobody_is_condoled_who_lives(content: Content, said: str) -> None:
    for expecting in ("", REASON, "question"):
        assert content.engine.understand(said, Situation(expecting=expecting)).slots.get("reason") != "deceased"


@pytest.mark.parametrize(("words", "state"), [("您为什么想停呢", REASON), ("请问是什么原因", REASON), ("怎么不想用了呀", REASON), ("好的", "")])
def test_a_question_for_the_reason_is_heard(words: str, state: str) -> None:
    assert expected_after(words) == state


def test_sentences_with_reasons_are_read() -> None:
    head = "text,reason\n"
    assert parse_reasons(head + "太贵,price\n") == (Example("太贵", "price"),)
    for bad in (head + ",price\n", head + "太贵,\n", "text,why\n太贵,price\n"):
        with pytest.raises(ContentError):
            parse_reasons(bad)
