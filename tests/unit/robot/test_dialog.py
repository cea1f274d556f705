"""The robot's conversation by itself: every task, corrections, dictation in pieces, silence, anger, and no dead end."""

import random
from dataclasses import replace
from typing import Any

import pytest

from app.adapters.knowledge.content_files import parse_dialogs
from app.domain.refusal import Invalid
from app.domain.robot import conversation as dialog
from app.domain.robot import slots as dialog_slots
from app.domain.robot import turn as dialog_turn
from app.domain.robot.house import Facts, House
from app.domain.robot.speaker import replies_at
from app.domain.robot.vocabulary import (
    Act,
    Acted,
    AskMessage,
    DialogState,
    Flow,
    HandOver,
    Leave,
    Place,
    Pressed,
    Said,
    Say,
    Silent,
    Started,
)
from app.language.knowledge.content import ContentError
from app.language.texts.read_aloud import read_aloud
from app.language.understanding.numbers import dictated
from app.language.understanding.understood import Situation
from app.service.ports import Content
from app.service.robot.said import said_of
from app.settings import ROOT

KNOWN = Facts(phone="13800000001", address="海景花园3栋302", last4="1234", bill="每月59元", offers={"price": ("cut", "给您打七折好吗？")})
YES, NO = Said("对", "affirm.affirm", "act"), Said("不对", "deny.deny", "act")


class Talk:
    """A conversation; ``said`` is what the robot said last."""

    def __init__(self, content: Content, facts: Facts = KNOWN) -> None:
        self.content, self.flow = content, content.dialogs
        self.facts = replace(facts, trees=content.faults)
        self.state, self.acts = DialogState(), list[Act]()
        self.end: HandOver | AskMessage | Leave | None = None
        self.said = ""
        self.step(Started())

    def step(self, event: Any) -> "Talk":
        self.state, effects = dialog.step(self.flow, self.facts, self.state, event)
        self.said = "".join(e.text for e in effects if isinstance(e, Say))
        for effect in effects:
            if isinstance(effect, Act):
                before = self.said
                self.acts.append(effect)
                self.step(Acted({"number": "零零零幺"}))
                self.said = before + self.said
            elif not isinstance(effect, Say):
                self.end = effect
        return self

    def hear(self, *texts: str) -> "Talk":
        for text in texts:
            found = self.content.engine.understand(text, Situation(expecting=replies_at(self.state.place)))
            self.step(said_of(found, 1.0, self.content))
        return self


def test_a_question_is_answered_and_the_call_ends(content: Content) -> None:
    talk = Talk(content).hear("营业厅在哪里")
    assert "还想了解别的吗" in talk.said and talk.state.place is Place.MORE
    talk.hear("没有了谢谢")
    assert isinstance(talk.end, Leave) and "再见" in talk.said


def test_a_fault_is_guided_then_reported(content: Content) -> None:
    talk = Talk(content).hear("我家电视没信号")
    assert talk.state.place is Place.GUIDE
    talk.step(NO).step(NO)
    assert "海景花园3栋302" in talk.said, "the known address is offered"
    talk.step(YES)
    assert "幺三八，零零零零，零零零幺" in talk.said, "digits in groups"
    talk.step(YES).hear("明天下午")
    (act,) = talk.acts
    assert act.what == "fault" and act.values["when"] == "明天下午" and act.values["phone"] == "13800000001"
    assert "零零零幺" in talk.said and "还想" in talk.said


def test_a_fault_is_solved_by_telephone(content: Content) -> None:
    talk = Talk(content).hear("我家电视没信号").step(NO).hear("好了有了")
    assert "恢复" in talk.said and talk.acts == [] and talk.state.outcome == "solved"


def test_a_known_outage_spares_the_steps(content: Content) -> None:
    talk = Talk(content, replace(KNOWN, outage="您那边有故障，正在抢修。"))
    assert "正在抢修" in talk.said
    talk.hear("我家电视没信号")
    assert talk.state.place is Place.CONFIRM


def test_a_number_in_pieces_and_a_correction(content: Content) -> None:
    talk = Talk(content, Facts()).hear("我要投诉你们", "师傅三次都没来")
    assert talk.state.slot == "phone"
    talk.hear("一三九", "一二三四").hear("五六七八")
    assert talk.state.place is Place.CONFIRM and "幺三九，幺二三四，五六七八" in talk.said
    talk.hear("不是，是一三八一二三四五六七九")
    assert "幺三八，幺二三四，五六七九" in talk.said
    talk.step(YES)
    assert talk.acts[0].values["phone"] == "13812345679" and "二十四小时" in talk.said


def test_who_wants_to_stop_hears_one_offer_and_is_never_refused(content: Content) -> None:
    talk = Talk(content).hear("我要报停")
    assert "什么原因" in talk.said
    talk.hear("太贵了")
    assert talk.said == "给您打七折好吗？"
    talk.step(NO)
    assert "按您的意愿登记" in talk.said
    talk.step(YES)
    (act,) = talk.acts
    assert act.what == "stop" and act.values["reason"] == "price" and "wants_offer" not in act.values
    talk.hear("我要报停", "太贵了")
    assert "七折" not in talk.said, "no offer twice"


def test_the_bill_only_after_the_four_digits(content: Content) -> None:
    talk = Talk(content).hear("查一下什么时候到期")
    assert "后四位" in talk.said
    talk.hear("一二三五")
    assert "59" not in talk.said and "核对不上" in talk.said
    talk.hear("一二三四")
    assert "每月59元" in talk.said
    stranger = Talk(content, Facts()).hear("查一下什么时候到期")
    assert stranger.end is None and "没有登记" in stranger.said and "元" not in stranger.said, "nothing is told about a number that nobody knows"
    assert stranger.step(YES).state.slot == "call_time", "it is rung back, where it likes"


@pytest.mark.parametrize(("facts", "end"), [(replace(KNOWN, staffed=True), HandOver), (KNOWN, AskMessage)])
def test_two_failures_lead_to_a_person_or_a_message(content: Content, facts: Facts, end: type) -> None:
    talk = Talk(content, facts)
    for _ in range(dialog_turn.MOST_FAILURES):
        talk.step(Said("咕噜咕噜", "none.other", "none"))
    assert isinstance(talk.end, end)


def test_anger_danger_and_a_wish_for_a_person(content: Content) -> None:
    assert Talk(content, replace(KNOWN, on_duty=True)).hear("你们这些骗子").end == HandOver("anger", urgent=True)
    assert Talk(content, replace(KNOWN, on_duty=True)).hear("盒子冒烟了").end == HandOver("danger", urgent=True)
    assert isinstance(Talk(content).hear("你们这些骗子").end, AskMessage), "nobody on duty: a message"
    assert Talk(content, replace(KNOWN, staffed=True)).hear("转人工").end == HandOver("asked")
    assert isinstance(Talk(content).hear("转人工").end, AskMessage)


def test_repeat_slower_and_silence(content: Content) -> None:
    talk = Talk(content).hear("我要报停")
    asked = talk.said
    assert talk.hear("你说什么").said == asked
    assert talk.hear("慢一点").said == asked and talk.state.slow
    assert asked in talk.step(Silent()).said
    assert asked in talk.step(Silent()).said
    talk.step(Silent())
    assert isinstance(talk.end, Leave) and talk.state.outcome == "silent"


def test_by_keys_alone(content: Content) -> None:
    talk = Talk(content).step(Pressed("1"))
    assert talk.state.place is Place.CONFIRM, "without a symptom there are no steps"
    talk = talk.step(Pressed("1")).step(Pressed("2"))
    assert talk.state.place is Place.SLOT
    for digit in "13812345678":
        talk.step(Pressed(digit))
    assert "幺三八" in talk.said
    talk.step(Pressed("1"))
    assert "哪天" in talk.said
    talk.step(Pressed("*"))
    assert "哪天" in talk.said
    talk.step(Pressed("0"))
    assert isinstance(talk.end, AskMessage)


def test_random_callers_always_come_to_an_end(content: Content) -> None:
    """Whatever is said: no exception, no repetition without end, an outcome."""
    said = ["我家电视没信号", "查一下什么时候到期", "我要投诉你们", "我要报停", "太贵了", "对", "不对", "一三八", "一二三四", "海景花园三栋", "明天下午",
            "怎么交费", "再说一遍", "慢一点", "没有了谢谢", "转人工", "不是，是海景花园五栋", "咕噜", "好了", "不知道", "嗯"]
    prepared = {text: content.engine.understand(text, Situation()) for text in said}
    chance = random.Random(5)
    for _ in range(400):
        talk = Talk(content, chance.choice([KNOWN, Facts(), replace(KNOWN, staffed=True), replace(KNOWN, outage="故障。")]))
        steps = 0
        while talk.end is None:
            steps += 1
            assert steps < 400, talk.state
            if chance.random() < 0.15:
                talk.step(Silent())
            elif chance.random() < 0.2:
                talk.step(Pressed(chance.choice("0123456789*#")))
            else:
                text = chance.choice(said)
                found = prepared[text]
                talk.step(Said(text, found.intent, found.action, dict(found.slots), dictated(text)))
        assert talk.state.place is Place.GONE
        assert talk.step(Silent()).said == ""


def test_impossible_dialogs_are_refused(content: Content) -> None:
    flow = content.dialogs
    with pytest.raises(Invalid, match="texts lack"):
        replace(flow, texts={})
    with pytest.raises(Invalid, match="share a key"):
        replace(flow, tasks={code: replace(task, key="1") for code, task in flow.tasks.items()})
    with pytest.raises(Invalid, match=r"nothing is known by 'adress': it is one of phone, address"):
        replace(flow.slots["address"], known="adress")
    with pytest.raises(Invalid, match="act is one of fault, service, complaint, stop, callback, danger, kept, offer, withdraw, none, not 'repair'"):
        replace(flow.tasks["fault"], act="repair")  # type: ignore[arg-type]
    with pytest.raises(ContentError, match="nothing is known by"):
        parse_dialogs((ROOT / "prompts/robot/dialogs.yaml").read_text().replace("known: phone", "known: phones"))
    with pytest.raises(Invalid, match="names"):
        replace(flow, tasks={"x": replace(flow.tasks["fault"], slots=("shoe",))})
    assert isinstance(flow, Flow)


@pytest.mark.parametrize(("written", "read"), [
    ("2027年5月10日到期", "二零二七年5月10日到期"), ("海景花园9栋901，对吗", "海景花园9栋九零一，对吗"), ("19栋1103", "19栋一一零三"),
    ("每月61.6元，省316元", "每月61.6元，省316元"), ("请拨96396", "请拨九六三九六"), ("户号12345678", "户号幺二三四五六七八"), ("10000元", "10000元"), ("3号楼2单元501", "3号楼2单元五零一")])
def test_figures_are_read_as_a_person_would(written: str, read: str) -> None:
    assert read_aloud(written) == read


@pytest.mark.parametrize(("hour", "words"), [(5, "早上好"), (10, "早上好"), (12, "中午好"), (17, "下午好"), (21, "晚上好")])
def test_the_greeting_follows_the_clock(content: Content, hour: int, words: str) -> None:
    assert words in Talk(content, replace(KNOWN, hour=hour)).said


@pytest.mark.parametrize("hour", [22, 0, 4])
def test_nobody_is_wished_a_good_evening_at_night(content: Content, hour: int) -> None:
    said = Talk(content, replace(KNOWN, hour=hour)).said
    assert said.startswith("您好") and "好，我是" not in said and "{" not in said


@pytest.mark.parametrize(("text", "clear"), [("我唔要喇", 1.0), ("幺幺给四五楼都没", 0.7)])
def test_who_speaks_no_mandarin_is_offered_a_person_at_once(content: Content, text: str, clear: float) -> None:
    """By the words that a larger model writes, or because nothing is sure (the embedded model, measured: 0.4 to 0.87)."""
    strange = Said(text, "none.other", "none", clear=clear)
    talk = Talk(content, replace(KNOWN, staffed=True)).step(strange)
    assert "转人工" in talk.said and talk.state.place is Place.PERSON and talk.end is None
    assert talk.step(YES).end == HandOver("dialect", urgent=False)
    again = Talk(content).step(strange)
    again.step(NO)
    assert again.state.place is Place.OPEN
    again.hear("营业厅在哪里")
    assert "还想了解别的吗" in again.said, "who can speak Mandarin goes on"
    assert isinstance(Talk(content).step(strange).step(strange).end, AskMessage), "asked once"
    assert Talk(content, replace(KNOWN, staffed=True)).step(strange).step(Pressed("0")).end == HandOver("key")


def test_a_clear_sentence_that_is_not_understood_is_asked_again(content: Content) -> None:
    talk = Talk(content).step(Said("今天天气真好啊", "none.other", "none", clear=0.95))
    assert talk.state.place is Place.OPEN and "没听明白" in talk.said


def test_at_night_the_one_on_duty_is_for_what_cannot_wait(content: Content) -> None:
    night = replace(KNOWN, on_duty=True)
    complaint = Talk(content, night).hear("我要投诉你们", "转人工")
    assert complaint.end == HandOver("asked", urgent=True)
    outage = Talk(content, replace(night, outage="您那边有故障，正在抢修。")).hear("我家电视没信号", "转人工")
    assert outage.end == HandOver("asked", urgent=True)
    assert isinstance(Talk(content, night).hear("我要移机", "转人工").end, AskMessage), "what can wait leaves a message"
    assert isinstance(Talk(content, night).hear("转人工").end, AskMessage)


def test_nobody_is_asked_for_ever(content: Content) -> None:
    """A read-back that is denied, digits that are never the right ones: a person or a message after a few times."""
    talk = Talk(content, Facts()).hear("我要投诉你们", "师傅三次都没来")
    for _ in range(dialog_slots.MOST_DENIALS):
        assert talk.end is None
        talk.hear("一三九零零一一二二三三").step(NO)
    assert isinstance(talk.end, AskMessage)
    wrong = Talk(content).hear("查一下什么时候到期")
    for _ in range(dialog_turn.MOST_FAILURES):
        assert wrong.state.slot == "last4"
        wrong.hear("一二三")
    assert wrong.end is None and wrong.state.place is Place.MORE and "营业厅" in wrong.said, "another way"


def test_a_restart_during_the_end_says_it_again(content: Content) -> None:
    """Nobody is left on a line on which nothing will be said any more."""
    for facts, said, end in ((replace(KNOWN, staffed=True), "转人工", HandOver), (KNOWN, "转人工", AskMessage)):
        talk = Talk(content, facts).hear(said)
        talk.end = None
        assert isinstance(talk.step(Started(resumed=True)).end, end) and talk.said
    bye = Talk(content).hear("营业厅在哪里", "没有了谢谢")
    bye.end = None
    assert isinstance(bye.step(Started(resumed=True)).end, Leave) and "再见" in bye.said
    assert bye.step(Silent()).said == ""


class Asked:
    """A house that notes what the dialog asks it."""

    def __init__(self, house: House) -> None:
        self._house, self.asked = house, list[str]()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            self.asked.append(name)
        return getattr(self._house, name)


def test_only_what_is_asked_for_is_looked_up(content: Content) -> None:
    """No offer before there is a reason, nobody is looked for before somebody is wanted."""
    talk = Talk(content)
    house = Asked(talk.facts)
    talk.facts = house  # type: ignore[assignment]
    talk.hear("营业厅在哪里")
    assert house.asked == []
    talk.hear("我要报停")
    assert house.asked == []
    talk.hear("太贵了")
    assert house.asked == ["offer_for"] and talk.said == "给您打七折好吗？"
    talk.hear("转人工")
    assert house.asked[1:] == ["outage", "staffed"]


def test_other_dialogs_published_in_the_middle_of_one(content: Content) -> None:
    """The task that is gone is let go; the caller can say anew what is wanted."""
    talk = Talk(content, Facts()).hear("我要投诉你们")
    assert talk.state.slot == "story"
    flow = talk.flow
    talk.flow = replace(flow, tasks={code: task for code, task in flow.tasks.items() if code != "complaint"})
    assert talk.hear("我家电视没信号").state.place is Place.GUIDE and talk.state.task == "fault"
    talk.facts = replace(talk.facts, trees=())
    assert talk.step(NO).state.slot == "address", "the steps are gone: a ticket"


def test_what_has_no_number_is_said_without_one(content: Content) -> None:
    talk = Talk(content, Facts(phone="13800000001")).hear("我要报停", "太贵了")
    state, effects = dialog.step(talk.flow, talk.facts, replace(talk.state, place=Place.ACTING), Acted({"promise": ""}))
    said = "".join(e.text for e in effects if isinstance(e, Say))
    assert "回电话" in said and "单号" not in said and state.place is Place.MORE


def test_keys_answer_anything_else(content: Content) -> None:
    talk = Talk(content).hear("营业厅在哪里").step(Pressed("1"))
    assert talk.state.place is Place.OPEN
    assert isinstance(talk.hear("营业厅在哪里").step(Pressed("2")).end, Leave)
    assert Talk(content).hear("营业厅在哪里").step(Pressed("4")).state.task == "complaint"
