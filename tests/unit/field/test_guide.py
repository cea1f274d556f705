"""Guided fault finding: every tree of the content, the walk, what a technician reads."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.knowledge.content_files import load_said, read_faults
from app.domain.field.guide import ANSWERS, ENDS, FaultTree, GuideStep, answer, back, begin, end
from app.domain.refusal import Refused
from app.language.knowledge.content import ContentError
from app.service.ports import Content
from app.settings import ROOT

TREES = {tree.code: tree for tree in load_said(ROOT).faults}


def test_every_symptom_that_can_be_guided_has_one_tree() -> None:
    intents = [intent for tree in TREES.values() for intent in tree.intents]
    assert len(intents) == len(set(intents)) >= 11
    assert {"fault.no_signal", "fault.broadband_down", "fault.slow", "fault.wifi"} <= set(intents)


@pytest.mark.parametrize("code", TREES)
@given(answers=st.lists(st.sampled_from(ANSWERS), min_size=12, max_size=12))
def test_every_walk_ends(code: str, answers: list[str]) -> None:
    tree, state = TREES[code], begin(TREES[code])
    for given_ in answers:
        if state.ended:
            break
        state = answer(state, tree, given_)
        assert back(state).step == state.trail[-1][0]
    assert state.step in ENDS and len(state.trail) <= len(tree.steps)
    with pytest.raises(Refused):
        answer(state, tree, "yes")


def test_solved_at_any_step_and_not_after_all() -> None:
    tree = TREES["no_signal"]
    state = end(answer(begin(tree), tree, "yes"), "solved")
    assert state.ended and back(state).step == "source"
    with pytest.raises(Refused):
        back(begin(tree))
    with pytest.raises(Refused):
        end(begin(tree), "perhaps")


@pytest.mark.parametrize(("leads", "why"), [("nowhere", "leads to 'nowhere'"), ("a", "leads back to itself")])
def test_a_tree_that_goes_nowhere_is_refused(leads: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        FaultTree("x", {"zh": "x"}, (), "a", {"a": GuideStep("好吗", {"yes": leads, "no": "ticket", "unsure": "ticket"})})


def test_a_bad_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("name: {zh: 坏}\nintents: []\nstart: a\nsteps: {a: {say: 好吗}}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="odd.yaml"):
        read_faults(tmp_path)


def test_a_technician_may_judge_from_afar(content: Content) -> None:
    tree = content.faults[0]
    state = end(begin(tree), "remote")
    assert state.ended and state.trail == ((tree.start, "remote"),)
    assert content.scripts["remote"] and content.scripts["remote_promise"]
