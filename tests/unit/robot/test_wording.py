"""What the form of a sentence says by itself: question, end, yes, refusal, time, second topic."""

import pytest

from app.domain.robot import wording


@pytest.mark.parametrize(("text", "asked"), [
    ("师傅上门收不收费", True), ("这要多少钱", True), ("保号费是怎么算的", True), ("能便宜点不", True), ("你们几点上班", True), ("要带什么", True), ("为啥呀", True),
    ("没什么", False), ("太贵了", False), ("不对不对", False), ("不要", False), ("前几天登记的", False), ("啥也没有", False), ("什么时候都行", False), ("我要报停", False)])
def test_a_question_by_its_form(text: str, asked: bool) -> None:
    assert wording.is_question(text) is asked


@pytest.mark.parametrize("text", ["哦好谢谢", "没啦", "行没有", "就这样吧", "没有了，谢谢", "嗯没别的事了", "可以了谢谢你啊", "不用了", "那没事了", "知道了麻烦你了", "好的再见"])
def test_an_end_in_all_its_forms(text: str) -> None:
    assert wording.closes(text)


@pytest.mark.parametrize("text", ["好的", "没有信号了", "网没有了", "我还要报个故障", "谢谢，再问一下", "", "对", "不用的话怎么退"])
def test_what_is_no_end(text: str) -> None:
    assert not wording.closes(text)


@pytest.mark.parametrize(("text", "agreed", "refused"), [
    ("就用这个号", True, False), ("对就打这个", True, False), ("嗯就是这个", True, False), ("没错", True, False), ("好的没问题", True, False), ("行你记吧", True, False),
    ("不用这个", False, True), ("不是换个号", False, True), ("打我儿子的号，不打这个", False, True), ("可以多少钱", False, False), ("不好", False, False), ("", False, False)])
def test_a_read_back_is_agreed_to_or_refused(text: str, agreed: bool, refused: bool) -> None:
    assert (wording.agrees(text), wording.refuses(text)) == (agreed, refused)


@pytest.mark.parametrize(("text", "kept_back"), [("我不说", True), ("凭什么告诉你", True), ("凭啥跟你讲", True), ("我记不住", True), ("身份证没带", True), ("一二三四", False), ("海景花园三栋", False)])
def test_who_keeps_digits_back(text: str, kept_back: bool) -> None:
    assert wording.keeps_back(text) is kept_back


@pytest.mark.parametrize(("text", "parts"), [
    ("我家电视没信号了，另外我要投诉你们师傅", ("我家电视没信号了", "我要投诉你们师傅")), ("宽带断网了顺便帮我把电视停掉", ("宽带断网了", "帮我把电视停掉")),
    ("还有，我要报修", ("还有，我要报修", "")), ("网断了对了", ("网断了对了", ""))])
def test_two_topics_in_one_breath(text: str, parts: tuple[str, str]) -> None:
    assert wording.topics(text) == parts


@pytest.mark.parametrize(("text", "dropped"), [("算了不办了", True), ("先不报了", True), ("算了", True), ("改天再说吧", True), ("我要办", False), ("不对", False)])
def test_a_task_is_let_go(text: str, dropped: bool) -> None:
    assert wording.drops(text) is dropped
