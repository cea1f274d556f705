"""Normal form, sounds, slots, modality, decisions with evidence, FAQ, redaction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.language.knowledge.noise import Noise
from app.language.understanding import sound
from app.language.understanding.engine import UnderstandingEngine
from app.language.understanding.modality import modality
from app.language.understanding.normalise import normalise
from app.language.understanding.numbers import loose_digits
from app.language.understanding.redact import mask_number, redact
from app.language.understanding.slots import id_last4
from app.language.understanding.telephone import phone
from app.service.ports import Content


@pytest.fixture(scope="module")
def engine(content: Content) -> UnderstandingEngine:
    return content.engine


@given(st.text(max_size=700))
def test_offsets_point_into_the_raw_text(raw: str) -> None:
    normal = normalise(raw)
    assert len(normal.offsets) == len(normal.text) and list(normal.offsets) == sorted(normal.offsets)
    assert all(0 <= at < len(raw) for at in normal.offsets)


def test_normal_form() -> None:
    assert normalise("嗯,我要報停!ABC 123").text == "我要报停abc123"
    assert normalise("喂喂那个那个电视").text == "那个电视"
    normal = normalise("请问,機頂盒壞了")
    start, end = normal.raw_span(normal.text.index("机顶盒"), normal.text.index("机顶盒") + 3)
    assert normal.raw[start:end] == "機頂盒"


def test_accent_is_folded() -> None:
    assert sound.half_syllables("是山") == sound.half_syllables("四三")
    assert sound.half_syllables("牛奶") == sound.half_syllables("流来")
    assert sound.half_syllables("发") == sound.half_syllables("花")
    assert sound.half_syllables("报停") != sound.half_syllables("保证")
    assert sound.syllables("停掉") == sound.syllables("停调")


@pytest.mark.parametrize(("said", "number"), [
    ("我的电话是幺三八幺二三四五六七八", "13812345678"), ("一三八 一二三四 五六七八", "13812345678"),
    ("电话13812345678", "13812345678"), ("零七六九二二三三四四五五", "076922334455"),
    ("幺三吧一二三四五六七吧", "13812345678"), ("妖三八腰二三是五流七八", "13812345678"),
    ("嗯幺三九啊幺三五七零二四六哦", "13913570246"), ("一三八零零两个八一二三四", "13800881234"),
    ("我要报停", None), ("是不是就这样", None), ("一共三十九块九", None)])
def test_phone_numbers(said: str, number: str | None) -> None:
    found = phone(said)
    assert found == number


def test_homophones_count_only_in_runs_of_digits() -> None:
    assert loose_digits("是我就是要停") == "是我就是要停"


@pytest.mark.parametrize(("said", "last4"), [
    ("身份证后四位三零二幺", "3021"), ("尾号三零二叉", "302X"), ("后四位 5 6 7 x", "567X"),
    ("我有四个频道看不了", None)])
def test_id_last4(said: str, last4: str | None) -> None:
    assert id_last4(said) == last4


@pytest.mark.parametrize(("said", "mood"), [
    ("我要报停", "wish"), ("我不是要停机", "negated"), ("别给我停了", "negated"),
    ("要不要停机", "enquiry"), ("能不能报停", "enquiry"), ("报停多少钱", "enquiry"),
    ("师傅说要拆机重装", "reported"), ("你能帮我停掉吗", "wish")])
def test_modality(said: str, mood: str) -> None:
    assert modality(said)[0] == mood


@pytest.mark.parametrize(("said", "intent", "action"), [
    ("你好我想把电视停掉太贵了", "disconnect.cancel", "act"),
    ("你好我想八点是停调太贵了", "disconnect.cancel", "act"),
    ("我要报停", "disconnect.suspend", "act"), ("我要轉網", "disconnect.switch", "act"),
    ("我不是要停机", "disconnect.negated", "act"), ("停机保号多少钱", "disconnect.enquiry", "act"),
    ("师傅说要拆机重装", "disconnect.negated", "clarify"),
    ("我家电视没信号", "fault.no_signal", "act"), ("冇信号", "fault.no_signal", "act"),
    ("光猫亮红灯", "fault.modem", "act"), ("我要投诉你们", "complaint.complaint", "act"),
    ("转人工", "human.human", "act"), ("好的", "affirm.affirm", "act"),
    ("不用了", "deny.deny", "act"), ("今天天气真不错", "none.other", "none"), ("", "none.other", "none"),
    ("😀😀", "none.other", "none")])
def test_decisions(engine: UnderstandingEngine, said: str, intent: str, action: str) -> None:
    heard = engine.understand(said)
    assert (heard.intent, heard.action) == (intent, action), heard.as_json()


def test_garbled_words_do_not_make_a_disconnect(engine: UnderstandingEngine) -> None:
    noise = Noise(11)
    kinds = [k for k in engine.kinds.values() if k.family not in ("disconnect", "deny")]
    said = [noise(p, 0.15) for k in kinds for p in k.phrases]
    acted = [s for s in said if (h := engine.understand(s)).family == "disconnect"
             and h.action == "act" and h.kind in ("cancel", "suspend", "switch")]
    assert len(acted) / len(said) < 0.01, acted


def test_reasons_and_competitors_are_slots_with_evidence(engine: UnderstandingEngine) -> None:
    heard = engine.understand("我要停掉,搬家了,那边有电信")
    assert heard.slots == {"reason": "moving", "competitor": "电信", "household": "moving"}
    assert {"搬家", "停掉"} <= {e.text for e in heard.evidence}
    for item in (e for e in heard.evidence if not e.rule.startswith("faq:")):
        assert heard.text[item.start : item.end] == item.text


@given(st.text(max_size=60))
def test_any_text_is_decided(content: Content, raw: str) -> None:
    heard = content.engine.understand(raw).as_json()
    assert heard["action"] in ("act", "clarify", "none") and 0 <= heard["confidence"] <= 1.001
    assert set(heard) == {"text", "intent", "family", "kind", "confidence", "action", "slots",
                          "faq", "evidence"}


def test_ten_thousand_characters_are_no_trouble(engine: UnderstandingEngine) -> None:
    assert engine.understand("停" * 10_000).text == "停" * 10_000


def test_content_has_the_promised_size(content: Content) -> None:
    assert len(content.knowledge.entries) >= 160
    assert all(len(entry.similar) >= 4 and entry.spoken for entry in content.knowledge.entries)
    for kind in content.engine.kinds.values():
        assert len(set(kind.phrases)) >= 30, kind.id
        assert kind.name["zh"] and kind.name["en"]


def test_faq_finds_every_similar_question(engine: UnderstandingEngine, content: Content) -> None:
    asked = [(entry.id, text) for entry in content.knowledge.entries for text in entry.texts]
    right = sum(bool(h.faq) and h.faq[0].id == wanted for wanted, text in asked
                if (h := engine.understand(text)))
    assert right / len(asked) > 0.97


def test_redaction() -> None:
    assert redact("我的电话是13812345678好吗") == "我的电话是138******78好吗"
    assert "幺二三" not in redact("幺三八幺二三四五六七八")
    assert redact("一共三十九块九") == "一共三十九块九"
    assert mask_number("13812345678") == "138****5678"
