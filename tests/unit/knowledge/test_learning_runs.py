"""A night of learning as a machine, its verdict, and its hours."""

import subprocess
import sys
from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.knowledge.learning_run import (
    OPEN,
    WORKING,
    LearningEvent,
    LearningState,
    allowed,
    step,
)
from app.domain.knowledge.learning_verdict import (
    BETTER_BY,
    FEWEST_CHARACTERS,
    is_held_apart,
    verdict,
)
from app.domain.refusal import Refused
from app.language.texts.error_rate import Errors
from app.service.knowledge.learning_night import Night
from tests.conftest import ROOT

S, E = LearningState, LearningEvent


@given(st.lists(st.sampled_from(E), max_size=60))
def test_no_walk_uses_a_model_that_was_not_built_and_decided_upon(events: list[LearningEvent]) -> None:
    state, seen = S.ASKED, [S.ASKED]
    for event in events:
        try:
            state = step(state, event)
        except Refused:
            assert event not in allowed(state)
            continue
        seen.append(state)
        if state is S.USED:
            assert seen[-2] is S.ACCEPTED and seen[-3] in (S.JUDGING, S.UNJUDGED) and S.BUILDING in seen
        if state is S.ASKED:
            assert event is E.GAVE_WAY and seen[-2] in WORKING


@pytest.mark.parametrize("state", list(S))
def test_every_open_run_can_end_and_a_closed_one_never_works_again(state: LearningState) -> None:
    reached, waiting = {state}, [state]
    while waiting:
        here = waiting.pop()
        for event in allowed(here):
            after = step(here, event)
            if after not in reached:
                reached.add(after)
                waiting.append(after)
    if state in OPEN:
        assert S.FAILED in reached and reached - set(OPEN)
    else:
        assert not reached & set(WORKING)


def errors(wrong: int, characters: int = 1000) -> Errors:
    return Errors(wrong=wrong, characters=characters)


@pytest.mark.parametrize(("before", "after", "new_words", "event"), [
    (errors(100), errors(90), 0, E.BETTER),
    (errors(100), errors(96), 0, E.WORSE),
    (errors(100), errors(100), 3, E.BETTER),
    (errors(100), errors(100), 0, E.WORSE),
    (errors(100), errors(105), 50, E.BETTER),
    (errors(100), errors(106), 50, E.WORSE),
    (errors(30, FEWEST_CHARACTERS - 1), errors(0, FEWEST_CHARACTERS - 1), 9, E.TOO_FEW),
    (errors(0, 0), errors(0, 0), 9, E.TOO_FEW),
])  # fmt: skip
def test_a_model_is_used_where_it_is_better_or_knows_more_and_is_not_worse(before: Errors, after: Errors, new_words: int, event: LearningEvent) -> None:
    assert verdict(before, after, new_words) is event


def test_the_margin_is_of_all_characters() -> None:
    assert errors(100).cer - errors(95).cer == pytest.approx(BETTER_BY)


def test_half_of_the_corrected_calls_only_judge() -> None:
    apart = [is_held_apart(f"{number:032x}") for number in range(400)]
    assert 150 < sum(apart) < 250 and apart == [is_held_apart(f"{number:032x}") for number in range(400)]


@pytest.mark.parametrize(("span", "now", "began"), [
    (("01:00", "05:00"), "2026-05-02T03:00", "2026-05-02T01:00"),
    (("01:00", "05:00"), "2026-05-02T05:00", None),
    (("01:00", "05:00"), "2026-05-02T00:59", None),
    (("22:30", "04:00"), "2026-05-02T23:00", "2026-05-02T22:30"),
    (("22:30", "04:00"), "2026-05-02T03:59", "2026-05-01T22:30"),
    (("22:30", "04:00"), "2026-05-02T12:00", None),
])  # fmt: skip
def test_the_night_has_hours_over_midnight_too(span: tuple[str, str], now: str, began: str | None) -> None:
    found = Night(*map(time.fromisoformat, span)).begun(datetime.fromisoformat(now))
    assert found == (datetime.fromisoformat(began) if began else None)


def test_the_process_that_makes_a_graph_loads_no_recogniser() -> None:
    """kaldifst and vosk in one process hang: the first night did."""
    script = "import sys, app.bootstrap.learning, app.verbs.learning, app.verbs.models, app.verbs.jobs; sys.exit('vosk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
