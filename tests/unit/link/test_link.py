"""The link's messages: every type there and back, and refusals that say what is wrong."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calls.ids import AGENT, CALLER, PROMPTS, CallId, LegId
from app.domain.calls.leg import LegState
from app.link import codec
from app.link import messages as link
from app.link.summary import CallBack, CallSummary, Direction, EndReason, LegSummary, LinePhase
from app.media.g711 import FRAME_BYTES

CALL = CallId("0123456789abcdef0123456789abcdef")
HEARS = {CALLER: frozenset({AGENT, LegId("agent-2")}), AGENT: frozenset({CALLER})}

call_ids = st.uuids().map(lambda u: CallId(u.hex))
leg_ids = st.from_regex(r"[a-z0-9_-]{1,32}", fullmatch=True).map(LegId)
texts = st.text(max_size=12)
frames = st.integers(0, 2**31)
hears = st.dictionaries(leg_ids, st.frozensets(leg_ids, max_size=4), max_size=4)
purposes = st.builds(CallBack, callback_id=st.integers(0, 2**53), agent_id=st.integers(0, 2**53))
summaries = st.builds(
    CallSummary, call=call_ids, direction=st.sampled_from(Direction), purpose=st.none() | purposes, sip_call_id=texts,
    caller=texts, called=texts, name=texts, started_at=st.floats(0, 4e9), phase=st.sampled_from(LinePhase),
    legs=st.lists(st.builds(LegSummary, id=leg_ids, state=st.sampled_from(LegState), uri=texts), max_size=4).map(tuple),
    hears=hears, on_hold=st.lists(leg_ids, max_size=3).map(tuple), frames=frames, recording=texts, emergency=st.booleans(),
    voicemail_from=st.none() | frames, end_reason=st.sampled_from(EndReason))
_FIELDS = {
    "call": call_ids, "leg": leg_ids, "hears": hears, "purpose": purposes, "summary": summaries, "frames": frames,
    "calls": st.lists(summaries, max_size=3).map(tuple), "resume": st.dictionaries(call_ids, frames, max_size=3),
    "code": st.integers(100, 699), "timeout_s": st.floats(0.1, 600), "started_at": st.floats(0, 4e9),
    "early": st.booleans(), "loop": st.booleans(), "on": st.booleans(), "direction": st.sampled_from(Direction)}


def _messages(kinds: Mapping[str, type[Any]]) -> st.SearchStrategy[object]:
    return st.one_of([st.builds(kind, **{f.name: _FIELDS.get(f.name, texts) for f in fields(kind)})
                      for kind in kinds.values()])


@given(_messages(codec.FACTS))
def test_every_fact_comes_back_as_it_was(fact: link.Fact) -> None:
    assert codec.decode_fact(codec.encode(fact)) == fact


@given(_messages(codec.ORDERS))
def test_every_order_comes_back_as_it_was(order: link.Order) -> None:
    assert codec.decode_order(codec.encode(order)) == order


@given(summaries)
def test_a_summary_comes_back_from_the_spool(summary: CallSummary) -> None:
    assert codec.decode_summary(codec.encode_summary(summary)) == summary


def test_what_is_on_the_wire() -> None:
    assert json.loads(codec.encode(link.Connect(call=CALL, hears={CALLER: frozenset({AGENT})}))) == {
        "v": 2, "type": "connect", "call": CALL, "hears": {"caller": ["agent"]}}
    assert json.loads(codec.encode(link.LegHeld(call=CALL, leg=AGENT))) == {
        "v": 2, "type": "leg_held", "call": CALL, "leg": "agent"}


@pytest.mark.parametrize(("text", "why"), [
    ("{", "no JSON"), ("[" * 100000, "no JSON"), ("[]", "version"), ('{"v": 1, "type": "prompt_played"}', "version 2"),
    ('{"v": 2, "type": "dial"}', "unexpected"), ('{"v": 2, "type": ["dial"]}', "unexpected"), ('{"v": 2}', "unexpected"),
    (f'{{"v": 2, "type": "ended", "call": "{CALL}"}}', "summary"),
    ('{"v": 2, "type": "prompt_played", "call": "x", "token": "t"}', "32"),
    (f'{{"v": 2, "type": "prompt_played", "call": "{CALL}", "token": 7}}', "token"),
    (f'{{"v": 2, "type": "leg_failed", "call": "{CALL}", "leg": "agent", "code": "486"}}', "code"),
    (f'{{"v": 2, "type": "leg_held", "call": "{CALL}", "leg": "A B"}}', "leg id")])
def test_bad_facts_are_refused(text: str, why: str) -> None:
    with pytest.raises(codec.LinkError, match=why):
        codec.decode_fact(text)


def test_a_refusal_does_not_tell_what_was_said() -> None:
    with pytest.raises(codec.LinkError) as refused:
        codec.decode_fact(json.dumps({"v": 2, "type": "offered", "call": CALL, "caller": ["13800000001"], "called": ""}))
    assert "13800000001" not in str(refused.value)


def test_fields_of_a_later_version_are_passed_over() -> None:
    text = json.dumps({"v": 2, "type": "leg_held", "call": CALL, "leg": "agent", "mood": "good"})
    assert codec.decode_fact(text) == link.LegHeld(call=CALL, leg=AGENT)


def test_only_the_expected_message_begins_a_connection() -> None:
    with pytest.raises(codec.LinkError, match="expected hello, got leg_held"):
        codec.expect(link.Hello, link.LegHeld(call=CALL, leg=AGENT))


@given(st.text(max_size=300) | st.recursive(st.none() | st.integers() | texts, lambda inner: st.lists(inner, max_size=3)
       | st.dictionaries(st.sampled_from(["v", "type", "call", "leg"]) | texts, inner, max_size=4)).map(json.dumps))
def test_any_text_is_read_or_refused(text: str) -> None:
    for decode in (codec.decode_fact, codec.decode_order, codec.decode_summary):
        try:
            decode(text)
        except codec.LinkError:
            continue


@given(call_ids, st.integers(0, 2**32 - 1), st.lists(leg_ids, unique=True, max_size=5), st.integers(0, 50))
def test_audio_comes_back_as_it_was(call: CallId, first: int, legs: list[LegId], count: int) -> None:
    audio = codec.Audio(call, first, {leg: bytes([n + 1]) * count * FRAME_BYTES for n, leg in enumerate(legs)})
    assert codec.decode_binary(codec.encode_audio(audio)) == (audio,)
    assert codec.decode_binary(codec.encode_audio(audio) * 3) == (audio,) * 3
    assert audio.frames == (count if legs else 0)


def test_tracks_are_of_one_length_and_of_a_leg() -> None:
    with pytest.raises(ValueError, match="length"):
        codec.Audio(CALL, 0, {CALLER: bytes(FRAME_BYTES), PROMPTS: b""})
    with pytest.raises(ValueError, match="leg id"):
        codec.encode_audio(codec.Audio(CALL, 0, {LegId("Anna"): b""}))


def test_a_track_that_comes_twice_is_refused() -> None:
    data = codec.encode_audio(codec.Audio(CALL, 0, {LegId("a"): b"", LegId("b"): b""})).replace(b"\1b", b"\1a")
    with pytest.raises(codec.LinkError, match="twice"):
        codec.decode_binary(data)


def test_prompt_round_trip() -> None:
    prompt = codec.PromptAudio("ab" * 32, b"12345")
    assert codec.decode_binary(codec.encode_prompt(prompt)) == prompt


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"\1" + b))
def test_any_binary_is_read_or_refused(data: bytes) -> None:
    try:
        codec.decode_binary(data)
    except codec.LinkError:
        return


def test_how_a_call_stands() -> None:
    legs = (LegSummary(id=CALLER, state=LegState.TALKING), LegSummary(id=AGENT, state=LegState.TALKING, uri="sip:1001@h"))
    talking = CallSummary(call=CALL, legs=legs, hears=HEARS)
    assert talking.connected and talking.leg(AGENT) == legs[1] and talking.leg(LegId("agent-2")) is None
    assert not CallSummary(call=CALL, legs=legs, hears=HEARS, on_hold=(CALLER,)).connected
    assert not CallSummary(call=CALL, hears={CALLER: frozenset()}).connected
