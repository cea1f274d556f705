"""What is thought of a sentence: its words, its meaning, what takes it back, what is dictated."""

import builtins
from typing import Any

import numpy as np
import pytest

from app.adapters.knowledge.sentence_model import FOLDER, OnnxSentenceModel, load_sentence_model
from app.language.knowledge.content import ContentError
from app.language.knowledge.examples import parse_examples
from app.language.knowledge.unseen import by_tag, parse_unseen
from app.language.understanding.hotlines import is_dictation, without_dictation
from app.language.understanding.intents import Example, Layout
from app.language.understanding.learned import Calibration
from app.language.understanding.mended import last_wish
from app.language.understanding.normalise import normalise
from app.language.understanding.understood import UNFINISHED, Situation
from app.language.understanding.views import Views, opinion
from app.service.ports import Content

LAYOUT = Layout(("deny", "disconnect"), ("deny.deny", "disconnect.cancel", "disconnect.suspend"))


def _floats(*values: float) -> Any:
    return np.array(values, np.float32)


def _views(deny: float, meant: float | None = None) -> Views:
    kinds = _floats(1.0, 0.5, 0.5)
    two = None if meant is None else _floats(meant, 1 - meant)
    return Views(_floats(deny, 1 - deny), kinds, _floats(0.0, 0.0), two, None if two is None else kinds)


def test_the_kinds_sum_up_to_their_family() -> None:
    found = opinion(_views(0.3), LAYOUT, Calibration())
    assert found.of("deny") == pytest.approx(0.3, abs=0.01)
    assert found.of_kind("disconnect.cancel") + found.of_kind("disconnect.suspend") == pytest.approx(found.of("disconnect"))
    assert found.of("nothing") == 0 and found.of_kind("nothing.at_all") == 0


def test_a_second_view_moves_the_first() -> None:
    alone = opinion(_views(0.6), LAYOUT, Calibration()).of("deny")
    both = opinion(_views(0.6, 0.05), LAYOUT, Calibration()).of("deny")
    assert both < 0.5 < alone


def test_after_a_question_no_is_likelier() -> None:
    before = opinion(_views(0.4), LAYOUT, Calibration())
    after = opinion(_views(0.4), LAYOUT, Calibration(), expected=True)
    assert before.of("deny") < 0.5 < after.of("deny")


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("我要打一二三一五", "我要打一二三一五"), ("再不来我打12345", "再不来我打12345"),
        ("我的电话是一三八零零一三八零零零", ""), ("太贵了我的手机号码是13812345678我要停掉", "太贵了我要停掉"),
        ("我要投诉单号是二零二六一一", "我要投诉"), ("我的电话打不出去", "我的电话打不出去"), ("打你们电话10086都接", "打你们电话10086都接"), ("幺零零八六便宜", "幺零零八六便宜"),
    ],
)  # fmt: skip
def test_hotlines_are_words_and_no_dictation(said: str, left: str) -> None:
    assert without_dictation(said) == left


@pytest.mark.parametrize(("said", "is_one"), [("幺三八零零", True), ("是四四五六的", True), ("我要停机", False), ("我打12315", False)])
def test_what_is_dictated_wants_nothing(said: str, is_one: bool) -> None:
    assert is_dictation(said) is is_one


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("我要拆机不对不对我是要移机", "我是要移机"), ("帮我报停说错了是复通电视", "是复通电视"),
        ("我要拆机哦不是要换套餐", "要换套餐"), ("我不是要停机", "我不是要停机"), ("这个账不对多扣了", "这个账不对多扣了"),
    ],
)  # fmt: skip
def test_who_corrects_himself_means_what_he_says_last(said: str, meant: str) -> None:
    found = last_wish(normalise(said))
    assert found.text == meant
    start, end = found.raw_span(0, len(found.text))
    assert said[start:end] == meant


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("网我不用了要退不过你先听我说盒子这会儿直冒黑烟呢", "fault.danger"),
        ("楼道里的线掉下来冒火花了", "fault.danger"),
        ("没有冒烟", "none.other"),
        ("前天申请的销户我不想办了撤回来", "disconnect.negated"),
        ("报停一个月收多少钱", "disconnect.enquiry"),
        ("没啦", "deny.deny"), ("我不说", "deny.deny"), ("你是不是机器人", "none.robot"),
    ],
)  # fmt: skip
def test_what_callers_mean(content: Content, said: str, intent: str) -> None:
    assert content.engine.understand(said).intent == intent


def test_a_question_about_a_device_is_no_fault(content: Content) -> None:
    found = content.engine.understand("新买的智能电视还要不要你们的机顶盒")
    assert found.family in ("plan", "service") and found.faq[0].id == "tv-no-box"


def test_unfinished_words_are_heard_without_the_model(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("the model was asked about unfinished words")

    monkeypatch.setattr(OnnxSentenceModel, "points", never)
    assert content.engine.understand("我想把电视给停", UNFINISHED).family == "disconnect"
    with pytest.raises(AssertionError):
        content.engine.understand("我想把电视给停掉好不好呀", Situation())


def test_the_model_says_the_same_alone_and_among_others() -> None:
    model = OnnxSentenceModel()
    texts = ["我要停机", "楼道里的线掉下来冒火花了", "没信号"]
    together = np.array([one.kinds for one in model.meant(texts)])
    assert together.sum(axis=1) == pytest.approx(1, abs=1e-3)
    for at, text in enumerate(texts):
        # 8-bit activations are scaled by the batch
        assert np.abs(model.meant([text])[0].kinds - together[at]).max() < 0.15
    assert model.kinds[int(together[1].argmax())] == "fault.danger"
    assert [one.kinds.shape for one in model.meant(["", "长" * 500])] == [(len(model.kinds),)] * 2


def test_a_light_installation_has_no_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    assert load_sentence_model(tmp_path) is None
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name in ("onnxruntime", "tokenizers"):
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert load_sentence_model(FOLDER) is None


def test_examples_name_their_line() -> None:
    head = "text,family,kind,faq\n"
    assert parse_examples(head + "停一停,disconnect,suspend,\n") == (Example("停一停", "disconnect", "suspend"),)
    with pytest.raises(ContentError, match=r"examples.csv, line 3"):
        parse_examples(head + "停一停,disconnect,suspend,\n,disconnect,cancel,\n")
    with pytest.raises(ContentError, match="columns"):
        parse_examples("text,kind\n停,cancel\n")


def test_unseen_sentences_by_tag() -> None:
    head = "text,family,kind,action,faq,slots,asked,tags\n"
    rows = parse_unseen(head + "不用,deny,deny,act,,,还需要别的吗,plain;elder\n停,disconnect,cancel,act,a|b,reason=price,,plain\n")
    assert rows[0].row.expecting and not rows[1].row.expecting
    assert rows[1].row.answers == ("a", "b") and rows[1].slots == {"reason": "price"}
    assert by_tag(rows, [True, False]) == {"elder": (1, 1), "plain": (1, 2)}
