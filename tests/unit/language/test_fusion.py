"""Which of two hearings is understood."""

import pytest

from app.language.understanding.fusion import is_short, leads
from app.language.understanding.understood import FaqAnswer, Situation, Understanding

YES = Understanding("对", "affirm", "yes", 0.95, "act")
STOP = Understanding("我要停机", "disconnect", "suspend", 0.9, "act")
MAYBE = Understanding("停", "disconnect", "enquiry", 0.5, "clarify")
FAULT = Understanding("电视没有信号", "fault", "no_signal", 0.9, "act")
NOTHING = Understanding("美容", "none", "other", 0.9, "none")
ANSWERED = Understanding("怎么交费", "none", "other", 0.9, "none", faq=(FaqAnswer("pay", "怎么交费", 0.8),))


@pytest.mark.parametrize(("first", "second", "stays"), [
    (FAULT, STOP, False), (STOP, FAULT, False), (NOTHING, STOP, False), (NOTHING, NOTHING, False),
    (STOP, NOTHING, True), (MAYBE, NOTHING, False), (STOP, ANSWERED, False)])
def test_the_second_hearing_leads_unless_it_means_nothing(first: Understanding, second: Understanding, stays: bool) -> None:
    assert leads(first, second, short=False) is stays
    assert leads(first, second, short=True)


@pytest.mark.parametrize(("first", "second", "stays"), [
    (FAULT, FAULT, True), (FAULT, STOP, True), (FAULT, NOTHING, True), (STOP, STOP, True),
    (STOP, FAULT, False), (MAYBE, FAULT, False), (NOTHING, FAULT, False)])
def test_a_doubtful_second_hearing_corrects_nothing_that_is_acted_on_but_a_stop(
    first: Understanding, second: Understanding, stays: bool) -> None:
    assert leads(first, second, short=False, doubted=True) is stays


def test_a_word_or_two_and_the_answer_to_a_question_are_short() -> None:
    assert is_short(YES, Situation(expecting="question"), 1500) and is_short(YES, Situation(), 600)
    assert not is_short(NOTHING, Situation(expecting="question"), 600), "what the first did not understand either"
    assert not is_short(FAULT, Situation(expecting="question"), 1500) and not is_short(None, None, 100)
