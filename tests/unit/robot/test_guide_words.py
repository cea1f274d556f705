"""Answers to guided steps: yes and no sound as the question's own predicate does."""

import pytest

from app.domain.robot import guide_words
from app.service.ports import Content

LIT, RED, OUT = "请您看一下机顶盒正面的灯亮不亮？", "请看一下光猫，有没有红色的灯亮着或者在闪？", "轻轻插紧，红灯灭了吗？"
PICTURE, SOUND, WORKS = "选到HDMI，现在有画面了吗？", "请按一下静音键，有声音了吗？", "请换两节新电池试试，能用了吗？"
CHANNELS, PAID, SLOW, SEEN = "所有频道都卡吗？", "最近交过费吗？", "用网线连着测速也慢吗？", "手机上能看到家里的无线网名字吗？"
BETTER, CHANGE, GONE = "离路由器近一点再试，好一些了吗？", "按开关键，机顶盒的灯有变化吗？", "再插到底，提示没有了吗？"


@pytest.mark.parametrize(("question", "yes"), [
    (LIT, "亮着呢"), (LIT, "亮是亮的"), (LIT, "有个绿灯"), (LIT, "在闪"), (LIT, "是蓝色的亮着"), (RED, "有红灯"), (RED, "是红的"), (RED, "有个红的一闪一闪"), (RED, "LOS那个红了"),
    (OUT, "灭了"), (OUT, "变绿了"), (OUT, "不红了"), (PICTURE, "出来画面了"), (PICTURE, "有了有了"), (PICTURE, "好了"), (SOUND, "有声了"), (SOUND, "听到了"), (WORKS, "能用了"),
    (WORKS, "好使了能换台了"), (CHANNELS, "都卡"), (CHANNELS, "全都这样"), (CHANNELS, "个个台都卡"), (PAID, "刚交的"), (PAID, "上礼拜交了"), (SLOW, "一样慢"), (SLOW, "也慢得很"),
    (SEEN, "能看到"), (SEEN, "搜得到"), (BETTER, "好一点"), (BETTER, "快多了"), (CHANGE, "闪了一下"), (GONE, "没有了"), (GONE, "消失了"),
])
def test_a_yes_in_the_words_of_the_question(question: str, yes: str) -> None:
    assert guide_words.reading(question, yes) == "yes"


@pytest.mark.parametrize(("question", "no"), [
    (LIT, "不亮"), (LIT, "灭的"), (LIT, "黑的啥都没有"), (LIT, "一点反应都没有"), (LIT, "没灯"), (LIT, "没有"), (RED, "红灯没有"), (RED, "没有红灯"), (RED, "都是绿的"), (RED, "没看到红的"),
    (OUT, "还是红的"), (OUT, "没灭"), (OUT, "红灯还亮着"), (PICTURE, "没画面"), (PICTURE, "还是蓝屏"), (PICTURE, "拧紧了还是没有"), (SOUND, "没有啊还是没声"), (SOUND, "听不见"),
    (WORKS, "换了也没有"), (WORKS, "不管用"), (WORKS, "还那样不行"), (CHANNELS, "就几个台"), (CHANNELS, "有的台好好的"), (CHANNELS, "只有中央台"), (PAID, "好几个月没交了"), (PAID, "忘了"),
    (SLOW, "网线的话挺快"), (SLOW, "不慢"), (SEEN, "搜不着"), (SEEN, "没看见"), (BETTER, "没啥区别还是慢"), (CHANGE, "没反应"), (CHANGE, "一点不变"), (GONE, "提示还在"), (GONE, "还有"),
])
def test_a_no_in_the_words_of_the_question(question: str, no: str) -> None:
    assert guide_words.reading(question, no) == "no"


@pytest.mark.parametrize("unsure", ["我看不清", "我不会弄", "弄不来呀", "不知道哪个是", "我眼睛不好", "够不着", "哪个是信号源键", "我不敢动", "找不到那个灯", "我不在家"])
@pytest.mark.parametrize("question", [LIT, RED, PICTURE, SOUND, WORKS, CHANNELS])
def test_who_cannot_is_unsure(question: str, unsure: str) -> None:
    assert guide_words.reading(question, unsure) == "unsure"


@pytest.mark.parametrize("text", ["今天天气不错呀", "我跟你讲", "等一下"])
def test_what_answers_nothing(text: str) -> None:
    assert guide_words.reading(PICTURE, text) == ""


@pytest.mark.parametrize(("text", "solved"), [("好了有了", True), ("能看了", True), ("恢复了谢谢", True), ("现在有信号了", True), ("不能看了", False), ("没好", False), ("还没恢复", False),
                                              ("电源插好了", False), ("有画面了吗", False)])
def test_solved_is_what_works_again(text: str, solved: bool) -> None:
    assert guide_words.is_solved(text) is solved


@pytest.mark.parametrize(("text", "visit"), [("派个师傅来吧", True), ("叫人来看看", True), ("不用派师傅", False), ("还是上门吧", True)])
def test_a_visit_is_asked_for(text: str, visit: bool) -> None:
    assert guide_words.wants_visit(text) is visit


def test_every_step_of_the_content_understands_its_plain_answers(content: Content) -> None:
    """Whatever is asked by a shipped tree: it was no use, and I cannot do that, lead on."""
    for tree in content.faults:
        for step in tree.steps.values():
            assert guide_words.reading(step.say, "我不会弄") == "unsure", step.say
            assert any(guide_words.reading(step.say, no) for no in ("还是没有", "就几个台", "一样慢")), step.say
