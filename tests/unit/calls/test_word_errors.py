"""The word-error page counts what people corrected: first and revised finals, groups, confusions."""

from datetime import UTC, datetime

import pytest

from app.domain.calls.hearing_capacity import Speed, calls_by_cpu, calls_in_time
from app.language.texts.error_rate import confusions, errors_of
from app.service.calls.queries import CorrectedUtterance
from app.service.calls.records import Utterance
from app.service.calls.word_errors import LEAST_CHARACTERS, word_errors

MONDAY, TUESDAY = datetime(2026, 11, 23, 2, tzinfo=UTC), datetime(2026, 11, 24, 2, tzinfo=UTC)


def _said(right: str, text: str, first: str = "", *, at: datetime = MONDAY, side: str = "caller", again: bool = True) -> CorrectedUtterance:
    return CorrectedUtterance(
        Utterance(call_id="c1", side=side, start_ms=0, end_ms=1, text=text, first_text=first, heard_again=again, right_text=right,
                  first_model="vosk-cn-catv", second_model="whisper-base", id=7), at)


def test_a_wrong_tone_is_a_wrong_character_and_no_wrong_syllable() -> None:
    found = errors_of("我要报停", "我要包停")
    assert (found.wrong, found.characters, found.wrong_syllables, found.syllables) == (1, 4, 0, 4)
    assert found.cer == 0.25 and found.toneless == 0
    assert errors_of("交300块", "交三百块").wrong == 0, "figures as they are read, however they are written"
    assert errors_of("", "").cer == 0


def test_what_was_confused_is_said_both_ways() -> None:
    assert confusions("我要报停", "我要包停") == {("报", "包"): 1}
    assert confusions("太贵了", "太贵") == {("了", ""): 1} and confusions("贵", "太贵") == {("", "太"): 1}


def test_first_and_revised_finals_by_model_side_and_day() -> None:
    found = word_errors([
        _said("我要报停", "我要报停", "我要包停"), _said("太贵了", "太贵了", side="agent", again=False),
        _said("电视没信号", "电视没信息", at=TUESDAY)], datetime.date)
    assert found.whole.utterances == 3 and found.whole.again == 2
    assert found.whole.first.wrong == 2 and found.whole.revised.wrong == 1
    assert [g.name for g in found.models] == ["vosk-cn-catv", "vosk-cn-catv + whisper-base"]
    assert {g.name: g.utterances for g in found.sides} == {"caller": 2, "agent": 1}
    assert [g.name for g in found.days] == ["2026-11-24", "2026-11-23"], "the newest first"
    assert found.confused == (("号", "息", 1, "c1", 7),)
    assert [w.heard for w in found.worst] == ["电视没信息"]


def test_too_few_characters_are_no_rate() -> None:
    few = word_errors([_said("我要报停", "我要报停")], datetime.date)
    many = word_errors([_said("我要报停", "我要报停")] * (LEAST_CHARACTERS // 4), datetime.date)
    assert not few.whole.is_enough and many.whole.is_enough
    assert not word_errors([], datetime.date).whole.utterances


@pytest.mark.parametrize(("factor", "at_once", "in_time"), [(0.132, (2, 3), (6, 7)), (0.5, (0, 0), (0, 0))])
def test_the_queue_of_the_second_pass_carries_what_was_simulated_before(
    factor: float, at_once: tuple[int, int], in_time: tuple[int, int]
) -> None:
    """0.12 s and 0.092 s a second of speech: 2 calls within 1 s, 6 to 7 within 2 s (one worker)."""
    assert at_once[0] <= calls_in_time(factor, 1.0) <= at_once[1]
    assert in_time[0] <= calls_in_time(factor, 2.0) <= in_time[1]


def test_faster_machines_carry_more() -> None:
    by_factor = [calls_in_time(factor, 2.0) for factor in (0.4, 0.2, 0.1, 0.05)]
    assert by_factor == sorted(by_factor) and by_factor[0] < by_factor[-1]
    first, second = Speed(0.03, 0.03), Speed(0.13, 0.114)
    assert calls_by_cpu(4, first, second) >= 2 * calls_by_cpu(2, first, second) - 1
    assert calls_by_cpu(2, first, None) > calls_by_cpu(2, first, second) > 0
