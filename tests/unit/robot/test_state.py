"""States of conversations that an earlier version kept: they load, and the caller goes on where it was."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from app.domain.field.guide import GuideState
from app.domain.robot.house import Facts
from app.domain.robot.vocabulary import Place, SlotProgress
from app.service.ports import Content
from app.service.robot.state import dump_dialog, load_dialog
from app.service.state_codec import StateError
from tests.unit.robot.test_dialog import KNOWN, NO, YES, Talk

#: Written by version 1 (values and marks in one mapping), in one conversation each for a fault, a stop and a complaint.
STATES: dict[str, object] = json.loads((Path(__file__).parents[2] / "data/robot/dialog_states_1.json").read_text())


def _old(name: str) -> str:
    return json.dumps(STATES[name])


@pytest.mark.parametrize("name", STATES)
def test_every_old_state_loads_and_is_kept_anew(name: str) -> None:
    old = STATES[name]
    assert isinstance(old, dict)
    state = load_dialog(_old(name))
    assert (state.place, state.task, state.pending, state.outcome) == tuple(old[k] for k in ("place", "task", "pending", "outcome"))
    assert not any(key.endswith(("_asked", "_ok", "_wrong")) for key in (*state.values, *state.slots))
    said = {k: v for k, v in old["values"].items() if not k.endswith(("_asked", "_ok", "_wrong"))}
    assert state.given() == said, "nothing that was said is lost"
    assert load_dialog(dump_dialog(state)) == state
    assert load_dialog(json.dumps(asdict(state))) == state


def test_what_the_marks_meant() -> None:
    state = load_dialog(_old("phone_read_back"))
    assert state.values == {"what": "我家电视没信号"}
    assert state.slots == {
        "address": SlotProgress("海景花园3栋302", asked=True, confirmed=True), "phone": SlotProgress("13912345678", asked=True, denials=1)}
    assert state.guide == GuideState("no_signal", "ticket", (("power", "no"), ("plug", "no")))
    assert load_dialog(_old("when_asked")).slots["phone"].denials == 2
    assert load_dialog(_old("guided")).place is Place.GUIDE


def _going_on(content: Content, name: str, facts: Facts = KNOWN) -> Talk:
    talk = Talk(content, facts)
    talk.state = load_dialog(_old(name))
    return talk


def test_a_conversation_goes_on_over_the_update(content: Content) -> None:
    fault = _going_on(content, "address_confirmed").step(YES).hear("明天下午")
    assert fault.acts[0].values == {"what": "我家电视没信号", "address": "海景花园3栋302", "phone": "13800000001", "when": "明天下午"}
    corrected = _going_on(content, "phone_in_pieces").hear("五六七八").step(YES).hear("明天下午")
    assert corrected.acts[0].values["phone"] == "13912345678"
    denied = _going_on(content, "phone_denied")
    for _ in range(3):
        assert denied.end is None
        denied.hear("一三九零零一一二二三三").step(NO)
    assert denied.end is not None, "the denial before the update counts"
    stop = _going_on(content, "offer_declined").step(YES)
    assert stop.acts[0].values == {"what": "我要报停", "why": "太贵了", "reason": "price", "offer": "cut", "phone": "13800000001"}


@pytest.mark.parametrize("text", ["", "x", "[]", "{}{}", '{"place": "nowhere"}', '{"values": {"phone_wrong": 1}, "place": 3}'])
def test_what_is_no_state_is_said(text: str) -> None:
    with pytest.raises(StateError, match="this is no stored"):
        load_dialog(text)
