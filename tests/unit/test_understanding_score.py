"""tests.csv holds what is promised, and the engine keeps what it has reached on it."""

from pathlib import Path

import pytest

from app.adapters.content_files import ContentError, read_tests
from app.language.scoring import LabelledUtterance, family_f1, score
from app.service.ports import Content

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="module")
def rows(content: Content) -> list[LabelledUtterance]:
    return read_tests(ROOT / "faq/tests.csv", content.faq, content.engine.kinds.values())


def test_clean(content: Content, rows: list[LabelledUtterance]) -> None:
    assert len(rows) >= 400 and len(content.faq) >= 160
    found = score(content.engine, rows)
    assert found.macro_f1 >= 0.91
    assert found.lost_disconnects == [], "a caller who wants to stop was not understood"
    assert len(found.false_disconnects) <= 0.005 * found.no_wishes, found.false_disconnects
    assert found.faq_top1 >= 0.85 and found.faq_top3 >= 0.95
    assert found.foreign_answered <= 0.02


def test_with_recognition_noise(content: Content, rows: list[LabelledUtterance]) -> None:
    found = score(content.engine, rows, 0.15)
    assert found.macro_f1 >= 0.87
    assert found.faq_top1 >= 0.85
    assert len(found.false_disconnects) <= 0.01 * found.no_wishes, found.false_disconnects


def test_f1_of_a_known_confusion() -> None:
    assert family_f1([("a", "a"), ("a", "b"), ("b", "b")]) == {"a": 2 / 3, "b": 2 / 3}


@pytest.mark.parametrize(("line", "why"), [
    ("我要报停,disconnect,suspend,", "learned from"), ("x,fault,none,", "no kind"), ("x,fault,box,nope", "no FAQ entry")])
def test_a_bad_test_row_is_named(content: Content, tmp_path: Path, line: str, why: str) -> None:
    path = tmp_path / "tests.csv"
    path.write_text(f"text,family,kind,faq\n好啦,affirm,affirm,\n{line}\n", encoding="utf-8")
    with pytest.raises(ContentError, match=f"line 3.*{why}"):
        read_tests(path, content.faq, content.engine.kinds.values())
