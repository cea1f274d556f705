"""What is stored is read back as the type that was written, or refused; never as something else."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.callbacks.callback import TicketDraft
from app.domain.calls.machine import CallState, Phase
from app.domain.calls.parties import Direction, Role, Standing
from app.domain.field.guide import GuideState
from app.domain.retention.case import REASONS, STOP_KINDS, CasePhase, CaseState, Trial
from app.domain.robot.vocabulary import DialogState, Place, SlotProgress
from app.language.understanding.understood import Evidence, FaqAnswer, Understanding
from app.service.calls.stored_state import load_call
from app.service.ports import Content
from app.service.state_codec import StateError, dump, load

WORDS = st.text(max_size=8)
CASES = st.builds(CaseState, st.sampled_from(STOP_KINDS), st.sampled_from(CasePhase), st.sampled_from(REASONS),
                  st.lists(st.builds(Trial, WORDS, st.sampled_from(["shown", "accepted", "declined"])), max_size=3).map(tuple), st.integers(0, 2), WORDS)
GUIDES = st.builds(GuideState, WORDS, WORDS, st.lists(st.tuples(WORDS, WORDS), max_size=4).map(tuple))
SLOTS = st.builds(SlotProgress, WORDS, st.booleans(), st.booleans(), st.integers(0, 3))
TEXTS = st.lists(WORDS, max_size=3).map(tuple)
DIALOGS = st.builds(DialogState, place=st.sampled_from(Place), task=WORDS, slot=WORDS, values=st.dictionaries(WORDS, WORDS, max_size=3),
                    slots=st.dictionaries(WORDS, SLOTS, max_size=2), pending=WORDS, guide=st.none() | GUIDES, said=TEXTS, failures=st.integers(0, 3),
                    silences=st.integers(0, 3), slow=st.booleans(), offered=st.booleans(), finished=TEXTS, outcome=WORDS)
SCORES = st.floats(0, 1)
HEARD = st.builds(Understanding, WORDS, WORDS, WORDS, SCORES, st.sampled_from(["act", "clarify", "none"]), st.dictionaries(WORDS, WORDS, max_size=2),
                  st.lists(st.builds(FaqAnswer, WORDS, WORDS, SCORES), max_size=2).map(tuple),
                  st.lists(st.builds(Evidence, WORDS, WORDS, SCORES, st.integers(0, 9), st.integers(0, 9)), max_size=2).map(tuple), st.booleans())
DRAFTS = st.builds(TicketDraft, WORDS, WORDS, WORDS, WORDS, WORDS, WORDS)


@given(st.one_of(CASES, GUIDES, DIALOGS, HEARD, DRAFTS))
def test_what_is_dumped_is_loaded(state: object) -> None:
    assert load(type(state), dump(state)) == state


@given(HEARD)
def test_the_published_form_is_a_stored_form(heard: Understanding) -> None:
    """What 0005 and before wrote: rounded, with the intent, and ``corrected`` where it was."""
    old = json.dumps({**heard.as_json(), **({"corrected": True} if heard.corrected else {})}, ensure_ascii=False)
    read = load(Understanding, old)
    assert read.as_json() == heard.as_json() and read.corrected == heard.corrected and read.intent == heard.intent


def test_a_real_understanding_comes_back_whole(content: Content) -> None:
    heard = content.engine.understand("我要报停太贵了")
    assert heard.evidence and load(Understanding, dump(heard)) == heard
    assert load(tuple[Evidence, ...], dump(heard.evidence, tuple[Evidence, ...])) == heard.evidence
    assert load(tuple[Evidence, ...], "[]") == ()


@pytest.mark.parametrize(("kind", "text"), [
    (CaseState, ""), (CaseState, "{"), (CaseState, "[]"), (CaseState, "null"), (CaseState, "{}"), (CaseState, '{"kind": "nonsense"}'),
    (CaseState, '{"kind": "cancel", "refusals": "2"}'), (CaseState, '{"kind": "cancel", "phase": "nowhere"}'),
    (GuideState, '{"tree": "a", "step": 3}'), (GuideState, '{"tree": "a", "step": "b", "trail": [["x"]]}'),
    (DialogState, '{"place": "guide", "guide": {"tree": "a"}}'), (Understanding, '{"text": "a"}'), (TicketDraft, '{"kind": null}')])
def test_what_is_no_state_is_refused(kind: Any, text: str) -> None:
    with pytest.raises(StateError, match=kind.__name__):
        load(kind, text)


def test_a_refusal_names_the_field_and_not_what_stands_in_it() -> None:
    with pytest.raises(StateError, match=r"phase: enum") as refused:
        load(CaseState, '{"kind": "cancel", "phase": "13800000001"}')
    assert "138" not in str(refused.value)


def test_a_field_that_is_new_gets_its_default_and_one_that_is_gone_is_passed_over() -> None:
    assert load(CaseState, '{"kind": "cancel", "mood": "calm"}') == CaseState("cancel")


OLD_CALL: dict[str, Any] = {"phase": "queued", "agent_id": None, "tried": [], "notice_played": True, "agent_waiting": False, "overdue": False,
            "urgent": False, "wanted": None, "outcome": ""}


def _old(**fields: Any) -> CallState:
    return load_call(json.dumps({**OLD_CALL, **fields}))


@pytest.mark.parametrize(("phase", "waiting", "standing"), [
    ("ringing_agent", False, Standing.RINGING), ("ringing_agent", True, Standing.ANSWERED), ("talking", True, Standing.TALKING),
    ("held", True, Standing.TALKING), ("wrap_up", True, Standing.WRAPPING_UP), ("ended", False, Standing.DONE)])
def test_the_agent_of_a_call_as_it_was_stored_before(phase: str, waiting: bool, standing: Standing) -> None:
    state = _old(phase=phase, agent_id=7, tried=[3, 4], agent_waiting=waiting)
    assert state.agent is not None and (state.agent.user_id, state.agent.standing) == (7, standing)
    assert (state.agent_id, state.tried, state.direction) == (7, (3, 4), Direction.INBOUND)
    assert state.agent_waits == (standing is Standing.ANSWERED)
    assert load_call(dump(state)) == state


@pytest.mark.parametrize("phase", Phase)
def test_the_caller_of_a_call_as_it_was_stored_before(phase: Phase) -> None:
    caller = _old(phase=phase).parties[0]
    wanted = {Phase.OFFERED: Standing.RINGING, Phase.HELD: Standing.HELD, Phase.WRAP_UP: Standing.GONE, Phase.ENDED: Standing.GONE}
    assert (caller.role, caller.standing) == (Role.CALLER, wanted.get(phase, Standing.TALKING))


def test_a_call_that_was_made_for_somebody_was_outbound() -> None:
    state = _old(wanted=5)
    assert (state.direction, state.wanted, state.parties[0].role) == (Direction.OUTBOUND, 5, Role.OUTSIDE)
    assert replace(state, outcome="x").outcome == "x"


@pytest.mark.parametrize("broken", [{"phase": "nowhere"}, {"tried": None}, {"agent_id": "7"}, {"notice_played": "yes"}])
def test_a_call_that_makes_no_sense_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(StateError):
        _old(**broken)
    with pytest.raises(StateError):
        load_call("[]")
