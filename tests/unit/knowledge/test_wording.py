"""What may be said: promises with their deeds, the same figures everywhere, terms with offers, nothing unprovable."""

from dataclasses import replace
from datetime import date

import pytest

from app.adapters.db.demo_data import plan_prices
from app.adapters.knowledge.content_files import load_said, read_files
from app.adapters.knowledge.said_passages import offer_terms, passages
from app.language.knowledge.check import check
from app.language.knowledge.facts import FACTS, contradictions, figures, one_form
from app.language.knowledge.files import parse
from app.language.knowledge.findings import OfferTerms, Passage
from app.language.knowledge.wording import broken_words, missing_terms
from app.settings import ROOT

TODAY = date(2026, 11, 22)
KNOWLEDGE = parse(read_files(ROOT / "faq"))
SAID = load_said(ROOT)
RULES = ("promise", "unproven", "contradiction", "no_terms")


def test_the_shipped_content_breaks_none_of_these_rules() -> None:
    tariff = [Passage(f"plan:{name}", f"{name}每月{fen // 100}元" + (f"，合约{months}个月" if months else "")) for name, fen, months in plan_prices()]
    found = check(KNOWLEDGE, TODAY, [*passages(SAID), *tariff], offer_terms(SAID))
    assert [f for f in found if f.rule in RULES] == []


def test_no_spoken_answer_promises_what_nothing_records() -> None:
    spoken = [Passage(entry.id, entry.spoken, kept=bool(entry.deed)) for entry in KNOWLEDGE.entries]
    assert [(f.where, f.text) for f in broken_words(spoken) if f.rule == "promise"] == []
    idle = [p.where for p in spoken if p.kept and not list(broken_words([replace(p, kept=False)]))]
    assert idle == [], "a deed without a promise in the words"


def test_every_shipped_fact_is_named_somewhere() -> None:
    named = {fact for entry in KNOWLEDGE.entries for text in (entry.spoken, entry.answer) for fact, _ in figures(text)}
    assert set(FACTS) <= named


@pytest.mark.parametrize("text", [
    "我马上给您查一下", "我帮您登记核查", "我现在帮您关掉", "我给您派师傅", "我们会给您回电话", "工作人员会联系您", "师傅尽快联系您", "专人二十四小时内答复您",
    "我马上报抢修", "我记下来，班长会在一天内给您回电话", "客户经理一个工作日内给您回话", "修好后我们短信通知您", "给您登记催办", "我这就为您重发授权", "一小时内到现场",
    "网格员两个工作日内联系您", "主管会打给您"])
def test_a_promise_needs_a_deed(text: str) -> None:
    assert [f.rule for f in broken_words([Passage("faq:x", text, kept=False)])] == ["promise"]
    assert list(broken_words([Passage("faq:x", text, kept=True)])) == []


@pytest.mark.parametrize("text", [
    "请说报故障", "师傅免费上门", "请拔掉电源等十秒再插上", "可以在公众号里查", "核对身份后就能查", "户主带身份证到营业厅办", "到期前三十天短信提醒", "您可以请师傅改",
    "我是智能客服", "我们外呼显示九六三九六", "报停期内恢复不收费", "请联系厂家", "要找人工请按零"])
def test_what_only_explains_is_no_promise(text: str) -> None:
    assert list(broken_words([Passage("faq:x", text, kept=False)])) == []


@pytest.mark.parametrize("text", [
    "比别家更合算", "比电信便宜多了", "这是全网最低价", "最便宜的套餐", "不会自动扣费", "绝对不断网", "我们保证修好", "百分百满意", "终身免费", "一定能修好", "独家优惠"])
def test_what_cannot_be_proved_is_found(text: str) -> None:
    assert [f.rule for f in broken_words([Passage("script:x", text)])] == ["unproven"]


@pytest.mark.parametrize("text", ["凭低保证登记", "不承诺具体场次", "交保证金一百元", "和标准资费比一年省十元", "最短一个月，最长两年", "不保证每场都有", "押金一定要带单子吗"])
def test_what_is_so_may_be_said(text: str) -> None:
    assert list(broken_words([Passage("script:x", text)])) == []


@pytest.mark.parametrize(("text", "same"), [
    ("每月二十四元", "/月24元"), ("最长两年", "最长24月"), ("百分之三十", "30%"), ("上午八点半到下午五点半", "8:30到17:30"), ("断电一分钟", "断电60秒"),
    ("十个工作日", "10工作日"), ("三百兆融合", "300兆融合"), ("千分之一", "0.1%"), ("九六三九六", "96396"), ("一百二十套", "120套"), ("半年", "6月")])
def test_figures_are_read_in_one_form(text: str, same: str) -> None:
    assert one_form(text) == same


@pytest.mark.parametrize(("one", "other", "fact"), [
    ("保号费每月五元，最长两年", "停机保号费8元/月", "保号费"), ("报停最长两年", "停机保号最短1个月、最长12个月", "保号最长"),
    ("两年内凭回装卡抵一百元安装费", "回装卡抵80元安装费", "回装卡抵扣"), ("回装卡：24个月内有用", "回装卡一年内有用", "回装卡有效"),
    ("按剩余月数乘月费的百分之三十", "违约金=剩余月数×月费×50%", "违约金比例"), ("余额和押金七个工作日内退", "预存余额原渠道10个工作日到账", "退款时限"),
    ("断电十秒再开", "请断电一分钟再开", "断电时间"), ("重发授权，10分钟内生效", "下发授权等两分钟", "授权生效"),
    ("同时按住主页键和菜单键五秒", "按住设置键和开关键三秒配对", "配对按键"), ("安装费一百元", "安装费120元", "安装费"), ("移机费五十元", "同城移机30元", "移机费"),
    ("每天8:30-17:30", "每天上午九点到下午五点半", "营业时间"), ("百兆融合59元/月，12个月合约", "百兆融合每月六十九元，合约两年", "100兆融合月费"),
    ("百兆融合59元/月（12个月合约）", "百兆融合每月五十九元，含宽带，合约两年", "100兆融合合约"), ("第二台每月加收六元", "副机8元/月", "副机月费"),
    ("租房百兆，违约金按剩余月费20%", "租房套餐提前退收30%", "租房违约金比例"), ("押金各一百元", "机顶盒押金200元", "设备押金")])
def test_the_same_fact_with_two_figures_is_found_with_both_places(one: str, other: str, fact: str) -> None:
    found = list(contradictions([Passage("faq:a", one), Passage("faq:b", one), Passage("script:c", other)]))
    assert ("script:c", fact) in {(f.where, f.text.split()[0]) for f in found}
    assert all(f.other.startswith("faq:a: ") for f in found)
    assert list(contradictions([Passage("faq:a", one), Passage("faq:b", one)])) == []


def _terms(script: str, months: int = 12, *disclosures: str) -> list[str]:
    return [f.text for f in missing_terms([OfferTerms("offer:x", script, months, disclosures)])]


def test_an_offer_says_what_binds() -> None:
    assert _terms("打七折，优惠一年", 12, "penalty") == ["合约期", "违约金"]
    assert _terms("打七折，合约一年，提前解约有违约金", 12, "penalty") == []
    assert _terms("换新盒有两年合约", 24, "penalty") == ["违约金"]
    assert _terms("每月24元，用一年") == ["不签合约"] and _terms("每月24元，不另签合约") == [] and _terms("提速三个月", 3) == []
    assert _terms("改成24元，不签合约", 12, "irreversible") == ["不能退回"]
    assert _terms("改成24元，不签合约，改了不能退回原来的套餐", 12, "irreversible") == []
