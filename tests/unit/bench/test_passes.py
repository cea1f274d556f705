"""What is counted of two hearings, and what speech goes through before it is heard."""

import numpy as np
import pytest

from app.adapters.voice.accents import accented
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.understood import FaqAnswer, Understanding
from scripts.bench.lines import Line
from scripts.bench.passes import Case, Hearing, Score

STOP = Understanding("我要停机", "disconnect", "suspend", 0.9, "act")
NOTHING = Understanding("美容", "none", "other", 0.9, "none")
PAY = Understanding("怎么交费", "bill", "pay", 0.9, "act", faq=(FaqAnswer("pay", "怎么交费", 0.8),))
SPEECH = (np.sin(np.arange(8000) / 5) * 8000).astype(np.float32)


def case(text: str, family: str, kind: str = "other") -> Case:
    return Case(LabelledUtterance(text, family, kind), "zf_xiaoyi", "", b"")


def test_syllables_that_sound_alike_are_wrong_characters_only() -> None:
    score = Score()
    score.add(case("我要停机", "disconnect", "suspend"), STOP, Hearing("我要挺鸡", (STOP,)))
    assert (score.errors.wrong, score.errors.wrong_syllables, score.errors.characters, score.right) == (2, 0, 4, 1)


def test_a_stop_that_nobody_wants_is_told_with_its_words() -> None:
    score = Score()
    score.add(case("怎么交费", "bill"), PAY, Hearing("我要停机", (STOP,)))
    assert score.false_stops == ["怎么交费 -> 我要停机"] and (score.asked, score.answered) == (1, 0)


@pytest.mark.parametrize(("kind", "heard", "stops", "lost"), [
    ("suspend", NOTHING, 1, 1), ("suspend", STOP, 1, 0), ("enquiry", NOTHING, 0, 0)])
def test_a_stop_is_lost_where_it_is_wanted_and_no_final_hears_it(kind: str, heard: Understanding, stops: int, lost: int) -> None:
    score = Score()
    score.add(case("我要停机", "disconnect", kind), STOP, Hearing("", (NOTHING, heard)))
    assert (score.stops, score.stops_lost) == (stops, lost)


def test_an_utterance_means_what_its_first_final_means_that_means_something() -> None:
    assert Hearing("", (NOTHING, PAY, STOP)).meant is PAY and Hearing("", ()).meant is None


def test_lost_packets_are_silence_and_nothing_else_is_changed() -> None:
    chance = np.random.default_rng(1)
    clean = Line().heard(SPEECH, chance)
    whole, broken = Line().coded(clean), Line(lost=0.1).coded(clean)
    assert len(whole) == len(broken) >= len(clean)
    pairs = [(whole[at : at + 320], broken[at : at + 320]) for at in range(8000, 24000, 320)]
    gone = [part for kept, part in pairs if part != kept]
    assert 1 <= len(gone) <= 15 and all(not any(part) for part in gone)


def test_pace_changes_the_length_and_clipping_the_top_only() -> None:
    def heard(line: Line) -> np.ndarray:
        return np.frombuffer(line.heard(SPEECH, np.random.default_rng(1)), "<i2")

    plain, faster, clipped = (heard(line) for line in (Line(noise_db=90), Line(noise_db=90, stretch=0.8), Line(noise_db=90, clip_db=12)))
    assert len(faster) < 0.95 * len(plain) and len(clipped) == len(plain)
    assert abs(int(clipped.max()) - int(plain.max())) < 50 and np.abs(clipped).mean() > 1.3 * np.abs(plain).mean()


def test_an_accent_changes_initials_and_leaves_finals() -> None:
    assert accented("ni↓xau↓ pa↘nli↓", ["n-l"]) == "li↓xau↓ pa↘nli↓"
    assert accented("ꭧʰʊ→ŋ ʂɨ→", ["zh-z"]) == "ʦʰʊ→ŋ sɨ→"
    assert accented("fei→ʨi→", ["f-h"]) == "xwei→ʨi→"
