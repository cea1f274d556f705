"""What nobody here had read: faq/tests_unseen.csv, written without sight of any phrase."""

import csv
from collections import Counter

import pytest

from app.language.knowledge.scoring import LabelledUtterance, Score, score
from app.service.ports import Content
from app.settings import ROOT


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (ROOT / "faq/tests_unseen.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


@pytest.fixture(scope="module")
def found(content: Content, rows: list[dict[str, str]]) -> Score:
    return score(content.engine, [_labelled(row) for row in rows])


def _labelled(row: dict[str, str]) -> LabelledUtterance:
    return LabelledUtterance(row["text"], row["family"], row["kind"], row["faq"])


def test_the_set_is_large_and_of_every_kind(rows: list[dict[str, str]]) -> None:
    tags = Counter(tag for row in rows for tag in row["tags"].split(";"))
    assert len(rows) >= 400
    assert min(tags.values()) >= 8


def test_nothing_of_it_is_learned_from(rows: list[dict[str, str]], content: Content) -> None:
    with (ROOT / "faq/examples.csv").open(encoding="utf-8", newline="") as source:
        known = {row["text"] for row in csv.DictReader(source)}
    known |= {phrase for kind in content.knowledge.kinds for phrase in kind.phrases}
    known |= {text for entry in content.knowledge.entries for text in entry.texts}
    known |= {row.text for row in content.knowledge.calibration}
    assert not known & {row["text"] for row in rows}


def test_who_does_not_want_to_stop_is_not_stopped(found: Score) -> None:
    assert len(found.false_disconnects) <= 0.003 * found.no_wishes, found.false_disconnects
