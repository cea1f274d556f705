"""What agents say counts by what it means: statements, denials, misleading words, and answers to a confirmation."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from app.adapters.knowledge.content_files import load_said, read_spoken
from app.language.knowledge.content import ContentError
from app.language.understanding.consent import answered
from app.language.understanding.meaning import Vocabulary
from app.language.understanding.statements import SpokenRules
from app.settings import ROOT

SENTENCES = ROOT / "tests/data/spoken"


@pytest.fixture(scope="module")
def rules() -> SpokenRules:
    return load_said(ROOT).spoken


def _lines(name: str) -> list[tuple[str, str]]:
    rows = [line for line in (SENTENCES / f"{name}.tsv").read_text().splitlines() if not line.startswith("#")]
    return [(group, text) for group, text in (row.split("\t") for row in rows)]


def _wrong(name: str, heard: Callable[[str], set[str]]) -> list[tuple[str, str, set[str]]]:
    """The sentences that are heard as something else than their group; a group with - means nothing."""
    found = [(group, text, heard(text)) for group, text in _lines(name)]
    return [each for each in found if each[2] != (set() if each[0].startswith("-") else {each[0]})]


@pytest.mark.parametrize("name", ["statements", "statements_again"])
def test_a_statement_is_made_by_what_the_words_mean(rules: SpokenRules, name: str) -> None:
    assert _wrong(name, lambda text: set(rules.said(text))) == []


def test_there_are_sentences_enough() -> None:
    counted = Counter(group.startswith("-") for group, _ in _lines("statements"))
    assert min(counted.values()) >= 120


def test_what_misleads_is_noted_and_what_does_not_is_not(rules: SpokenRules) -> None:
    assert _wrong("misleading", lambda text: {*rules.denied(text), *rules.misled(text)}) == []


def test_a_customer_answers_a_confirmation_in_any_words() -> None:
    assert _wrong("agreement", lambda text: {answered(text)} - {""}) == []


@pytest.mark.parametrize("text", ["违约金？没有的。", "您问违约金啊，没有。", "提前走要赔钱吗？", "您是说，提前走要赔钱？"])
def test_punctuation_is_heard_as_a_pause_or_a_question(rules: SpokenRules, text: str) -> None:
    assert rules.said(text) == frozenset()


@pytest.mark.parametrize("text", ["您提前走的话，要赔钱的。", "没到期呢，要收违约金，您能接受吗？", "我跟您说：中途退，要补差价。"])
def test_a_pause_does_not_break_a_statement(rules: SpokenRules, text: str) -> None:
    assert "penalty" in rules.said(text)


def test_words_are_put_right_by_their_sound(rules: SpokenRules) -> None:
    assert rules.vocabulary.plain("河约没到要收危约金") == "合约没到要收违约金"
    assert Vocabulary().plain("没有，是吗？") == "没有，是吗吗"


def test_a_rule_with_an_unknown_class_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text("situations: {}\nclosing: []\npromises: []\n")
    statement = {"x": {"name": {"zh": "x", "en": "x"}, "say": "x", "means": ["nothing .. 赔"]}}
    with pytest.raises(ContentError, match="nothing"):
        read_spoken(statement, tmp_path / "gate.yaml")
