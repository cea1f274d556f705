"""What nobody here had read: faq/tests_unseen.csv, written without sight of any phrase."""

import pytest

from app.adapters.knowledge.installed import load_installed
from app.adapters.text_files import read_text
from app.language.knowledge.scoring import Score, score
from app.language.knowledge.unseen import UNSEEN, Unseen, by_tag, parse_unseen
from app.service.ports import Content
from app.settings import ROOT


@pytest.fixture(scope="module")
def unseen() -> tuple[Unseen, ...]:
    return parse_unseen(read_text(ROOT / "faq" / UNSEEN))


@pytest.fixture(scope="module")
def found(content: Content, unseen: tuple[Unseen, ...]) -> Score:
    return score(content.engine, [one.row for one in unseen])


def test_the_set_is_large_and_of_every_kind(unseen: tuple[Unseen, ...]) -> None:
    tags = by_tag(unseen, [True] * len(unseen))
    assert len(unseen) >= 400
    assert min(count for count, _ in tags.values()) >= 8


def test_nothing_of_it_is_learned_from(unseen: tuple[Unseen, ...], content: Content) -> None:
    known = {example.text for example in load_installed().taught.examples}
    known |= {phrase for kind in content.knowledge.kinds for phrase in kind.phrases}
    known |= {text for entry in content.knowledge.entries for text in entry.texts}
    known |= {row.text for row in content.knowledge.calibration}
    assert not known & {one.row.text for one in unseen}


def test_who_does_not_want_to_stop_is_not_stopped(found: Score) -> None:
    assert len(found.false_disconnects) <= 0.003 * found.no_wishes, found.false_disconnects


def test_what_has_been_reached_stays(found: Score) -> None:
    assert found.macro_f1 >= 0.84
    assert len(found.lost_disconnects) <= 5, found.lost_disconnects
    assert found.faq_top1 >= 0.72 and found.faq_top3 >= 0.87
