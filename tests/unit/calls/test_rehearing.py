"""Finished calls heard again: the machine, what is looked for, and what both passes say together."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.calls import rehearing as machine
from app.domain.calls.rehearing import (
    AGAIN_AFTER,
    LATER_AFTER,
    Rehearing,
    RehearingEvent,
    RehearingState,
    Span,
    unheard,
)
from app.domain.refusal import Refused
from app.language.understanding.understood import Situation
from app.media import wav
from app.media.resample import Downsampler, to_line_rate
from app.service.calls.reheard import FirstHearing, revised
from app.service.ports import Content, Word
from app.service.second_pass import Reheard

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


def test_what_fails_is_tried_later_and_later_and_then_given_up() -> None:
    row = Rehearing(NOW)
    for wait in AGAIN_AFTER:
        row = machine.step(row, RehearingEvent.FAILED, NOW)
        assert row.state is RehearingState.WAITING and row.next_at == NOW + wait
    row = machine.step(row, RehearingEvent.FAILED, NOW)
    assert row.state is RehearingState.UNHEARD and row.tries == len(AGAIN_AFTER) + 1
    with pytest.raises(Refused):
        machine.step(row, RehearingEvent.HEARD, NOW)


def test_calls_that_go_first_cost_no_try_however_often() -> None:
    row = Rehearing(NOW)
    for _ in range(50):
        row = machine.step(row, RehearingEvent.LATER, NOW)
    assert (row.state, row.tries, row.next_at) == (RehearingState.WAITING, 0, NOW + LATER_AFTER)
    assert machine.step(row, RehearingEvent.LOST, NOW).state is RehearingState.UNHEARD
    assert machine.step(row, RehearingEvent.HEARD, NOW + timedelta(days=1)).state is RehearingState.HEARD


def test_what_is_mostly_in_no_utterance_of_its_side_is_unheard() -> None:
    spoken = [Span("caller", 0, 1000), Span("caller", 2000, 4000), Span("caller", 5000, 6000)]
    known = [Span("caller", 100, 900), Span("caller", 2000, 2900), Span("agent", 5000, 6000)]
    assert unheard(spoken, known) == spoken[1:]
    assert unheard(spoken, [*known, Span("caller", 2900, 4000)]) == spoken[2:]
    assert unheard([], known) == []


def _first(content: Content, text: str, spoken_ms: int = 2000) -> FirstHearing:
    situation = Situation(NOW, "", 0.9)
    words = (Word(text, 0.1, spoken_ms / 1000, 0.9),)
    return FirstHearing(words=words, spoken_ms=spoken_ms, understanding=content.engine.understand(text, situation), situation=situation)


def test_the_second_hearing_leads_but_for_what_is_nothing_or_short(content: Content) -> None:
    first = _first(content, "我家电视没有信号")
    better = revised(content.engine, first, Reheard(text="我要查一下话费账单", score=-0.2))
    assert "".join(w.word for w in better.words) == "我要查一下话费账单" and better.understanding is not None
    assert better.understanding.intent.startswith("billing.")
    assert better.words[0].start == 0.1 and better.words[-1].end == pytest.approx(2.0)
    nothing = revised(content.engine, first, Reheard(text="", score=-5.0))
    assert nothing.words == first.words and nothing.understanding is first.understanding
    noise = revised(content.engine, first, Reheard(text="小猫跑得真快", score=-0.2))
    assert noise.words == first.words, "it means something, the second does not"
    short = _first(content, "是的", 500)
    assert revised(content.engine, short, Reheard(text="试点", score=-0.2)).words == short.words


def test_an_agents_words_are_not_understood(content: Content) -> None:
    first = FirstHearing(words=(Word("您好", 0, 1, 0.9),), spoken_ms=1000)
    assert revised(content.engine, first, Reheard(text="您好请讲", score=-0.1)).understanding is None


def test_a_file_is_read_a_stretch_at_a_time_and_whatever_its_header_says() -> None:
    left, right = b"\x01\x00" * 8000, b"\x02\x00" * 8000
    stereo = b"".join(left[i : i + 2] + right[i : i + 2] for i in range(0, 16000, 2))
    whole = wav.dump(wav.WavAudio(8000, 2, stereo))
    extra = b"LIST" + (5).to_bytes(4, "little") + b"12345\0"
    for data in (whole, whole[:40] + bytes(4) + whole[44:], whole[:12] + extra + whole[12:], whole + b"\x01"):
        reader = wav.WavReader(io.BytesIO(data))
        assert (reader.samples, reader.channels, reader.rate_hz) == (8000, 2, 8000)
        assert reader.read(7990, 100).channel(1) == b"\x02\x00" * 10 and reader.read(9000, 5).pcm16 == b""
        assert b"".join(piece.channel(0) for piece in reader.pieces(999)) == left
    for broken in (b"", b"RIFF", whole[:30], b"x" * 100, whole[:20] + b"\x07" + whole[21:]):
        with pytest.raises(wav.WavError):
            wav.WavReader(io.BytesIO(broken))


def test_rates_are_changed_piece_by_piece_as_at_once() -> None:
    import numpy as np

    tone = (np.sin(np.arange(44_100 * 2) / 20) * 9000).astype("<i2").tobytes()
    down = Downsampler(44_100)
    pieces = [down.feed(tone[at : at + 10_000]) for at in range(0, len(tone), 10_000)]
    joined = b"".join([*pieces, down.feed(b"", last=True)])
    assert abs(len(joined) - len(to_line_rate(tone, 44_100))) <= 4
    middle = slice(8000, 24_000)
    difference = np.frombuffer(joined[middle], "<i2").astype(int) - np.frombuffer(to_line_rate(tone, 44_100)[middle], "<i2")
    assert np.abs(difference).max() < 60
    with pytest.raises(ValueError, match="8000"):
        Downsampler(1000)
