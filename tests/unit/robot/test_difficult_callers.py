"""Callers who stay, only ask, negotiate, mourn, are in danger, are children, or speak of two things: each is heard for what it is."""

from dataclasses import replace

import pytest

from app.domain.robot.house import Facts
from app.domain.robot.vocabulary import AskMessage, HandOver, Leave, Place, Said
from app.service.ports import Content
from tests.unit.robot.test_dialog import KNOWN, YES, Talk

OFFERED = replace(KNOWN, offers=dict.fromkeys(("price", "not_watching", "other", "competitor", "abroad", "deceased"), ("cut", "给您打七折好吗？")))
FORMALITIES = {"cancel-elder": "请您节哀，带死亡证明到营业厅办。", "cancel-abroad": "可以委托家人办。"}


def _done(talk: Talk) -> list[str]:
    return [str(act.what) for act in talk.acts]


@pytest.mark.parametrize("stays", ["那我先不停了", "算了不停了我接着用", "哦那不拆了留着吧"])
@pytest.mark.parametrize("before", [(), ("太贵了",), ("太贵了", "不要")])
def test_who_stays_is_kept_at_any_place(content: Content, stays: str, before: tuple[str, ...]) -> None:
    talk = Talk(content, OFFERED).hear("我要报停", *before, stays)
    assert _done(talk) == ["kept"] and "照常使用" in talk.said and talk.state.outcome == "kept"
    assert talk.acts[0].values.get("offer", "cut") == "cut" and "wants_offer" not in talk.acts[0].values


@pytest.mark.parametrize("condition", ["打五折我就不停", "你再便宜点我就接着用", "要是送我个盒子我就不拆了"])
def test_a_condition_is_neither_yes_nor_no(content: Content, condition: str) -> None:
    talk = Talk(content, OFFERED).hear("我要报停", "太贵了", condition)
    assert talk.acts == [] and "不能乱答应" in talk.said and talk.state.place is Place.OFFER
    talk.hear(condition, "对")
    assert _done(talk) == ["offer"] and condition in talk.acts[0].values["condition"] and talk.acts[0].values["wants_offer"] == "open"


@pytest.mark.parametrize("question", ["这个七折要签多久啊", "这个优惠有什么条件吗"])
def test_a_question_never_accepts_an_offer(content: Content, question: str) -> None:
    talk = Talk(content, OFFERED).hear("我要报停", "太贵了", question)
    assert talk.state.place is Place.OFFER and talk.acts == [] and talk.state.failures == 0 and "七折" in talk.said


@pytest.mark.parametrize("family", ["affirm", "deny", "disconnect"])
def test_what_is_only_guessed_decides_nothing(content: Content, family: str) -> None:
    guessed = Said("呃那什么", f"{family}.{'suspend' if family == 'disconnect' else family}", "clarify")
    talk = Talk(content, OFFERED).hear("我要报停", "太贵了").step(guessed)
    assert talk.state.place is Place.OFFER and talk.acts == []
    talk = Talk(content).hear("营业厅在哪里").step(Said("那个", "disconnect.cancel", "clarify"))
    assert talk.step(guessed).state.task != "stop" or talk.state.place is Place.SURE


def test_who_only_asks_about_stopping_is_told_and_asked_once(content: Content) -> None:
    talk = Talk(content).hear("报停一个月收多少钱啊")
    assert "五元" in talk.said and talk.state.place == "sure"
    talk.hear("我就问问不是要停")
    assert talk.state.place == "more" and talk.acts == []
    talk.hear("停机保号最多能停多久")
    assert talk.state.place == "more", "not asked again"
    talk = Talk(content, OFFERED).hear("报停一个月收多少钱啊", "要")
    assert talk.state.place is Place.REASON and talk.state.values["what"] == "报停一个月收多少钱啊"


@pytest.mark.parametrize(("words", "stopping"), [("前天申请的销户我不想办了撤回来", False), ("我不停了别停", True)])
def test_a_stop_of_before_is_taken_back_by_a_person(content: Content, words: str, stopping: bool) -> None:
    talk = Talk(content, replace(OFFERED, stopping=stopping)).hear(words)
    assert _done(talk) == ["withdraw"] and "回电话" in talk.said
    registered = Talk(content, OFFERED).hear("我要报停", "太贵了", "不要", "对", "算了我不停了")
    assert _done(registered)[0] == "stop" and _done(registered)[-1] in ("withdraw", "stop")


def test_danger_comes_first_and_leaves_an_urgent_ticket(content: Content) -> None:
    for words in ("楼道里的线掉下来冒火花了", "盒子有股烧焦的味道", "我摸了一下光猫被电了一下"):
        talk = Talk(content).hear(words)
        assert _done(talk) == ["danger"] and "拔掉插头" in talk.said and talk.end is None
        assert Talk(content, replace(KNOWN, on_duty=True)).hear(words).end == HandOver("danger", urgent=True)
    stranger = Talk(content, Facts(phone="13800000001")).hear("配电箱着火了")
    assert stranger.state.slot == "address" and stranger.hear("金沙湾五栋").acts[0].values["address"] == "金沙湾5栋"
    in_the_middle = Talk(content).hear("我家电视没信号", "哎呀插座冒烟了")
    assert _done(in_the_middle) == ["danger"]
    assert Talk(content).hear("我家电视没信号", "没有冒烟").acts == []


def test_nobody_is_persuaded_after_a_death(content: Content) -> None:
    facts = replace(OFFERED, answers=FORMALITIES)
    for words in (("我爸去世了电视要销户",), ("我要拆机", "我妈上个月过世了")):
        talk = Talk(content, facts).hear(*words)
        assert "节哀" in talk.said and "死亡证明" in talk.said and talk.said.count("节哀") == 1 and "七折" not in talk.said
        talk.step(YES)
        assert _done(talk) == ["stop"] and talk.acts[0].values["reason"] == "deceased" and "offer" not in talk.acts[0].values
    abroad = Talk(content, facts).hear("我要出国了给我办报停")
    assert "委托家人" in abroad.said and "七折" not in abroad.said


def test_who_does_not_want_to_live_is_not_left_alone(content: Content) -> None:
    talk = Talk(content).hear("活着没意思不想活了")
    assert "一二三五六" in talk.said and _done(talk) == ["callback"] and talk.end is None
    assert Talk(content, replace(KNOWN, staffed=True)).hear("活着没意思不想活了").end == HandOver("crisis", urgent=True)


@pytest.mark.parametrize("words", ["我七岁", "我是小朋友", "我上三年级"])
def test_a_child_is_asked_for_a_grown_up(content: Content, words: str) -> None:
    talk = Talk(content).hear(words)
    assert talk.state.place is Place.ADULT and "大人" in talk.said
    assert isinstance(talk.hear("他们都不在家").end, Leave)
    there = Talk(content).hear(words, "我是他妈妈")
    assert there.state.place is Place.OPEN and there.hear("我家电视没信号").state.place is Place.GUIDE


@pytest.mark.parametrize("place", [(), ("我家电视没信号",), ("我要投诉你们", "师傅没来"), ("我要报停",)])
def test_a_robot_says_that_it_is_one_and_goes_on(content: Content, place: tuple[str, ...]) -> None:
    talk = Talk(content).hear(*place)
    before, asked = talk.state, talk.said
    talk.hear("你是不是机器人")
    assert "机器人" in talk.said and talk.state.place is before.place and talk.state.failures == 0
    assert talk.said.endswith(before.said[-1]) and asked


def test_digits_refused_are_explained_and_another_way_is_shown(content: Content) -> None:
    talk = Talk(content).hear("查一下什么时候到期", "我不说")
    assert "冒用" in talk.said and talk.state.slot == "last4" and talk.state.failures == 0
    talk.hear("凭什么告诉你")
    assert "营业厅" in talk.said and talk.state.place is Place.MORE and talk.end is None
    phone = Talk(content, Facts()).hear("我要投诉你们", "师傅没来", "为什么要我的电话")
    assert "不作别的用途" in phone.said and phone.state.slot == "phone"


def test_questions_within_a_task_are_answered_and_the_step_is_asked_again(content: Content) -> None:
    talk = Talk(content).hear("我家电视没信号", "师傅上门要不要钱")
    assert talk.state.place is Place.GUIDE and "机顶盒" in talk.said and talk.state.failures == 0
    talk = Talk(content).hear("我要移机")
    question = talk.said
    for _ in range(3):
        talk.hear("移机要收多少钱")
        assert talk.state.slot == "new_address" and talk.said.endswith("小区、几栋几号。") and talk.state.failures == 0
    assert question.endswith("小区、几栋几号。")


def test_a_move_keeps_the_old_address_and_is_not_begun_twice(content: Content) -> None:
    talk = Talk(content).hear("我要移机", "滨海小区八栋五零一", "对", "就用这个号", "周六上午")
    (act,) = talk.acts
    assert act.what == "service" and act.values["new_address"] == "滨海小区8栋501" and "address" not in act.values
    talk.hear("那移机费多少")
    assert talk.state.place is Place.MORE and len(talk.acts) == 1


@pytest.mark.parametrize("words", ["取消预约", "师傅明天别来了我不在家", "约好的安装改到下周六"])
def test_an_appointment_is_changed_and_none_is_made(content: Content, words: str) -> None:
    talk = Talk(content).hear(words)
    assert _done(talk) == ["withdraw"] and words in talk.acts[0].values["what"]


def test_a_second_topic_is_taken_up_afterwards(content: Content) -> None:
    talk = Talk(content).hear("我要查账单另外我要投诉你们师傅", "一二三四")
    assert "每月59元" in talk.said and "情况" in talk.said and talk.state.task == "complaint"
    middle = Talk(content).hear("我要移机", "滨海小区八栋五零一", "我要投诉你们")
    assert middle.state.later is not None and middle.state.place is Place.CONFIRM


def test_a_promise_of_the_knowledge_base_is_kept(content: Content) -> None:
    entries = tuple(replace(e, deed="complaint" if e.id == "sms-stop" else "", handover=False) for e in content.knowledge.entries)
    promising = replace(content, knowledge=replace(content.knowledge, entries=entries))
    talk = Talk(promising).hear("怎么收不到缴费短信")
    assert _done(talk) == ["complaint"] and talk.acts[0].values["phone"] == KNOWN.phone
    call = Talk(content).hear("能不能让人给我回电话", "晚上八点")
    assert _done(call) == ["callback"] and call.acts[0].values["call_time"] == "晚上八点"


@pytest.mark.parametrize("words", ["我妈的电视没信号了", "我是他妈妈我家电视没信号", "他妈在家说电视没信号"])
def test_a_mother_is_no_curse(content: Content, words: str) -> None:
    assert Talk(content).hear(words).end is None


@pytest.mark.parametrize("words", ["滚", "你大爷的", "操你们的", "什么破玩意"])
def test_insults_lead_to_a_person(content: Content, words: str) -> None:
    assert isinstance(Talk(content).hear(words).end, AskMessage)
    assert Talk(content, replace(KNOWN, staffed=True)).hear(words).end == HandOver("anger", urgent=True)


def test_nobody_fails_at_a_guided_step(content: Content) -> None:
    strange = Said("咕噜咕噜", "none.other", "none")
    talk = Talk(content).hear("我家电视没信号").step(strange)
    assert talk.state.place == "guide"
    for _ in range(12):
        if talk.state.place != "guide":
            break
        talk.step(strange)
    assert talk.state.place == "confirm" and talk.end is None, "it goes on as for somebody who is not sure"
