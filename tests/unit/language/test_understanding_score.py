"""tests.csv holds what is promised, and the engine keeps what it has reached on it."""

import pytest

from app.language.knowledge.scoring import LabelledUtterance, calibration_error, family_f1, score
from app.service.ports import Content


@pytest.fixture(scope="module")
def rows(content: Content) -> list[LabelledUtterance]:
    return list(content.knowledge.tests)


def test_clean(content: Content, rows: list[LabelledUtterance]) -> None:
    assert len(rows) >= 400 and len(content.knowledge.entries) >= 160
    found = score(content.engine, rows)
    assert found.macro_f1 >= 0.92
    assert found.lost_disconnects == [], "a caller who wants to stop was not understood"
    assert len(found.false_disconnects) <= 0.005 * found.no_wishes, found.false_disconnects
    assert found.faq_top1 >= 0.85 and found.faq_top3 >= 0.95
    assert found.foreign_answered <= 0.01
    assert found.calibration_error <= 0.05


def test_calibration_error_of_a_known_case() -> None:
    sure = [(0.95, True)] * 19 + [(0.95, False)]
    assert calibration_error(sure) == pytest.approx(0)
    assert calibration_error([(0.9, False)] * 10) == pytest.approx(0.9)


def test_with_recognition_noise(content: Content, rows: list[LabelledUtterance]) -> None:
    found = score(content.engine, rows, 0.15)
    assert found.macro_f1 >= 0.87
    assert found.faq_top1 >= 0.85
    assert len(found.false_disconnects) <= 0.01 * found.no_wishes, found.false_disconnects


def test_f1_of_a_known_confusion() -> None:
    assert family_f1([("a", "a"), ("a", "b"), ("b", "b")]) == {"a": 2 / 3, "b": 2 / 3}
