"""The link's messages: round trips, and refusals that say what is wrong."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.g711 import FRAME_BYTES
from app.service import link

CALL = uuid.uuid4().hex


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers() | st.text(max_size=9)))
def test_control_round_trip(data: dict[str, object]) -> None:
    message = link.Control("played", CALL, data)
    assert link.decode_control(message.encode(), link.FACTS) == message


@given(st.integers(0, 2**32 - 1), st.integers(0, 50))
def test_audio_round_trip(first: int, frames: int) -> None:
    audio = link.Audio(CALL, first, b"\1" * frames * FRAME_BYTES, b"\2" * frames * FRAME_BYTES)
    assert link.decode_binary(audio.encode()) == audio
    assert audio.frames == frames


def test_prompt_round_trip() -> None:
    prompt = link.PromptAudio("ab" * 32, b"12345")
    assert link.decode_binary(prompt.encode()) == prompt


@pytest.mark.parametrize(("text", "why"), [
    ("{", "no JSON"), ("[]", "version"), ('{"v": 2, "type": "played"}', "version"),
    ('{"v": 1, "type": "dial"}', "unexpected"), ('{"v": 1, "type": "played", "call": "x"}', "32")])
def test_bad_control(text: str, why: str) -> None:
    with pytest.raises(link.LinkError, match=why):
        link.decode_control(text, link.FACTS)


@given(st.binary(max_size=200))
def test_any_binary_is_read_or_refused(data: bytes) -> None:
    try:
        link.decode_binary(data)
    except link.LinkError:
        return
