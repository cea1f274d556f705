"""What may be learned from own calls: clear sentences, nobody's own data, nothing that few callers said."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.texts.learned_words import (
    FEWEST_CALLERS,
    MOST_OF_ONE_CALLER,
    Learned,
    count,
    find_names,
    spelt,
)
from app.language.texts.own_calls import HeardSentence, Piece, Unfit, difference, pieces, unfit
from app.language.texts.trigram import END, START, Trigram


def sentence(text: str, first: str | None = None, *, clear: float | None = 0.9, ms: int | None = None, right: str = "", names: tuple[str, ...] = (), apart: bool = False) -> HeardSentence:
    return HeardSentence(
        call="c", caller="1", text=text, first_text=text if first is None else first, spoken_ms=250 * len(text) if ms is None else ms, clear=clear,
        right_text=right, names=names, held_apart=apart,
    )


@pytest.mark.parametrize(("heard", "why"), [
    (sentence("我家的电视没有信号"), None),
    (sentence("我家的电视没有信号", "我家的点是没有信号"), None),
    (sentence("我家的电视没有信号", "八点半打牌"), Unfit.DIFFERENT),
    (sentence("我家的电视没有信号", clear=0.6), Unfit.UNCLEAR),
    (sentence("我家的电视没有信号", clear=None), Unfit.NOT_AGAIN),
    (sentence("好的"), Unfit.SHORT),
    (sentence("我家的电视没有信号", ms=500), Unfit.RATE),
    (sentence("我家的电视没有信号", ms=30_000), Unfit.RATE),
    (sentence("没有没有没有没有信号"), Unfit.REPEATED),
    (sentence("我的电话是一三八零零零零零零零零"), None),
    (sentence("我家的电视没有信号", apart=True, right="我家的电视没有信号"), Unfit.HELD_APART),
    (sentence("好的", clear=None, right="好"), None),
])  # fmt: skip
def test_what_is_clear_agreed_and_sane_is_learned_from(heard: HeardSentence, why: Unfit | None) -> None:
    assert unfit(heard) is why


def test_a_persons_words_take_the_place_of_what_was_heard() -> None:
    assert [p.text for p in pieces(sentence("今绣兰停断网", right="锦绣澜庭断网"))] == ["锦绣澜庭断网"]


@pytest.mark.parametrize(("text", "names", "left"), [
    ("我的电话是13800138000麻烦回我", (), ["我的电话是", "麻烦回我"]),
    ("身份证后四位是一二三四你查一下", (), ["身份证后四位是", "你查一下"]),
    ("一三八嗯零零一三八零零零", (), []),
    ("我家在海景花园三栋二单元五零二电视没信号", (), ["我家在海景花园", "电视没信号"]),
    ("人民路一百二十八号没有网", (), ["人民路", "没有网"]),
    ("我叫欧阳小明宽带断了", (), ["宽带断了"]),
    ("麻烦张女士您稍等", (), ["麻烦", "您稍等"]),
    ("是陈建国家的宽带", ("陈建国",), ["家的宽带"]),
    ("是陈见过家的宽带", ("陈建国",), ["家的宽带"]),
    ("建国家的宽带断了", ("陈建国",), ["家的宽带断了"]),
    ("我想把电视停掉", ("陈建国",), ["我想把电视停掉"]),
])  # fmt: skip
def test_what_is_one_persons_own_is_cut_out(text: str, names: tuple[str, ...], left: list[str]) -> None:
    assert [piece.text for piece in pieces(sentence(text, names=names))] == left


def test_a_cut_edge_is_no_beginning_and_no_end() -> None:
    first, last = pieces(sentence("电话13800138000麻烦回我"))
    assert (first.begins, first.ends, last.begins, last.ends) == (True, False, False, True)


def test_two_hearings_differ_by_sound_not_by_characters() -> None:
    assert difference("锦绣澜庭", "今秀兰亭") == 0.0 and difference("", "") == 0.0 and difference("", "好") == 1.0


CALLER = st.sampled_from(["a", "b", "c", "d", "e"])
PIECE = st.builds(Piece, CALLER, st.text(st.sampled_from("甲乙丙丁"), min_size=1, max_size=8), st.booleans(), st.booleans())


@settings(max_examples=300)
@given(st.lists(PIECE, max_size=30))
def test_nothing_that_few_callers_said_can_be_read_out(said: list[Piece]) -> None:
    """Every run of words in the counts is in sentences of three callers, and none of them counts for much."""
    grams = count(said, list)
    callers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for piece in said:
        words = (*([START] * piece.begins), *piece.text, *([END] * piece.ends))
        for at in range(len(words)):
            for length in (1, 2, 3):
                callers[words[at : at + length]].add(piece.caller)
    for gram, times in grams.items():
        assert len(callers[gram]) >= FEWEST_CALLERS and times <= MOST_OF_ONE_CALLER * len(callers[gram])
    assert {g for g, by in callers.items() if len(by) >= FEWEST_CALLERS and g[-1] != START} == set(grams)


@settings(max_examples=100)
@given(st.lists(PIECE, max_size=20))
def test_no_name_is_one_that_few_callers_said(said: list[Piece]) -> None:
    for name in find_names(said, lambda _: True).values():
        assert len({p.caller for p in said if name in p.text}) >= FEWEST_CALLERS


def test_one_callers_secret_is_not_in_the_model() -> None:
    """Said a hundred times by one, and once by a second: neither the words nor their order leave the calls."""
    secret = [Piece("a", "密码是苹果树", True, True)] * 100 + [Piece("b", "密码是苹果树", True, True)]
    others = [Piece(c, "我家没信号", True, True) for c in "cdef"]
    learned = Learned(grams=count([*secret, *others], list))
    assert not set("密码是苹果树") & learned.words() and "苹果" not in learned.to_json()


def heard_by(*texts: str) -> list[Piece]:
    return [Piece(str(number), text, True, True) for number, text in enumerate(texts)]


def test_a_name_is_found_by_its_sound_and_spelt_as_most_write_it() -> None:
    said = heard_by("我家在锦绣澜庭", "锦绣澜庭断网了", "我们锦绣兰亭没信号", "我是今秀澜庭的", "锦绣澜庭停电")
    names = find_names(said, lambda text: len(text) == 4)
    assert list(names.values()) == ["锦绣澜庭"]
    assert spelt(said[3], names).text == "我是锦绣澜庭的"


def test_a_persons_spelling_counts_more_than_what_was_heard() -> None:
    said = heard_by(*["我家在今秀兰停断网"] * 9, "我家在今秀兰停断网")
    said.append(Piece("x", "是锦绣澜庭没网", True, True, corrected=True))
    assert "锦绣澜庭" in find_names(said, lambda text: len(text) == 4).values()


def test_counts_are_read_back_as_they_were_written() -> None:
    learned = Learned(("锦绣澜庭",), {("我",): 4, (START, "我"): 3, ("我", "家", END): 3})
    assert Learned.from_json(learned.to_json()) == learned
    with pytest.raises(ValueError, match="no counts"):
        Learned.from_json('{"names": 1}')


BASE = [list("我家没信号"), list("我要报停"), list("电视没信号")] * 40


def test_learned_counts_make_a_word_likelier_and_leave_a_distribution() -> None:
    words = {c for s in BASE for c in s} | {"锦绣澜庭", "在"}
    plain = Trigram(BASE, words, {}, 0.0)
    taught = Trigram(BASE, words, {}, 0.0, {("锦绣澜庭",): 5, ("在",): 3})
    assert taught.probability(("锦绣澜庭",)) > 5 * plain.probability(("锦绣澜庭",))
    context = ("我",)
    assert sum(taught.probability((*context, w)) for w in [*words, END]) == pytest.approx(1, abs=1e-9)


def test_what_few_callers_said_after_a_word_is_left_to_the_others() -> None:
    """Ten times a word, three times with a follower that counts: the rest of its mass is the back-off's."""
    words = {c for s in BASE for c in s}
    sharp = Trigram(BASE, words, {}, 0.0, {("停",): 3, ("停", "家"): 3})
    broad = Trigram(BASE, words, {}, 0.0, {("停",): 30, ("停", "家"): 3})
    assert broad.probability(("停", "家")) < sharp.probability(("停", "家"))
    assert sum(broad.probability(("停", w)) for w in [*words, END]) == pytest.approx(1, abs=1e-9)


def test_learned_counts_never_weigh_more_than_a_quarter() -> None:
    words = {c for s in BASE for c in s}
    flooded = Trigram(BASE, words, {}, 0.0, {("停",): 1_000_000})
    assert flooded.probability(("停",)) < 0.25
