"""The tape: both sides in place, read from memory or file, survives a crash and a full disk."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from app.bridge.spool import Spool
from app.bridge.tape import Recorder, Tape
from app.domain.calls.ids import AGENT, CALLER, PROMPTS, CallId, LegId
from app.link.summary import CallSummary, EndReason, LinePhase
from app.media import wav
from app.media.g711 import FRAME_BYTES

CALL = CallId("ab" * 16)


def _frame(value: int) -> bytes:
    return np.full(FRAME_BYTES // 2, value, "<i2").tobytes()


def _filled(path: Path, frames: int) -> Tape:
    tape = Tape(path)
    tape.open()
    for n in range(frames):
        tape.append({CALLER: _frame(n), AGENT: _frame(-n)})
        if n % 50 == 0:
            tape.flush()
    return tape


def test_caller_is_left_and_agent_is_right(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "a" / "call.wav", 120)
    tape.close()
    audio = wav.load((tmp_path / "a" / "call.wav").read_bytes())
    assert audio.channels == 2 and len(audio.channel(0)) == 120 * FRAME_BYTES
    assert np.frombuffer(audio.channel(0), "<i2")[::160].tolist() == list(range(120))
    assert np.frombuffer(audio.channel(1), "<i2")[::160].tolist() == [-n for n in range(120)]


def test_old_frames_come_from_the_file_and_memory_is_bounded(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "call.wav", 3000)
    assert len(tape._tracks[CALLER]) < 1000 * FRAME_BYTES
    at, seen = 0, []
    while chunk := tape.read(at, 77):
        assert chunk.first == at
        seen += np.frombuffer(chunk.tracks[CALLER], "<i2")[::160].tolist()
        at += len(chunk.tracks[AGENT]) // FRAME_BYTES
    assert seen == list(range(3000))
    tape.close()


def test_a_recording_that_was_taken_away_costs_only_what_memory_has_not(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "call.wav", 1200)
    (tmp_path / "call.wav").unlink()
    chunk = tape.read(0, 50)
    assert chunk is not None and chunk.first > 600 and _values(chunk.tracks[CALLER])[0] == chunk.first
    tape.close()


def test_a_crash_leaves_a_readable_file(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "call.wav", 101)  # flushed at frame 100, never closed
    audio = wav.load((tmp_path / "call.wav").read_bytes())
    assert len(audio.channel(0)) == 101 * FRAME_BYTES
    again = Tape.from_file(tmp_path / "call.wav", AGENT)
    assert again.frames == 101 and again.read(50, 1) is not None
    tape.close()


def _values(pcm16: bytes) -> list[int]:
    return [int(sample) for sample in np.frombuffer(pcm16, "<i2")[::160]]


def test_a_track_a_party_in_memory_and_all_but_the_caller_mixed_on_the_right(tmp_path: Path) -> None:
    second = LegId("agent-2")
    tape = Tape(tmp_path / "call.wav")
    tape.open()
    tape.append({CALLER: _frame(1), PROMPTS: _frame(40)})
    tape.append({CALLER: _frame(2), AGENT: _frame(10)})
    tape.append({CALLER: _frame(3), AGENT: _frame(10), second: _frame(300)})
    tape.append({CALLER: _frame(4), AGENT: _frame(30000), second: _frame(30000)})
    chunk = tape.read(0, 50)
    assert chunk is not None and {name: _values(pcm16) for name, pcm16 in chunk.tracks.items()} == {
        CALLER: [1, 2, 3, 4], PROMPTS: [40, 0, 0, 0], AGENT: [0, 10, 10, 30000], second: [0, 0, 300, 30000]}
    tape.close()
    audio = wav.load((tmp_path / "call.wav").read_bytes())
    assert (_values(audio.channel(0)), _values(audio.channel(1))) == ([1, 2, 3, 4], [40, 10, 310, 32767])


def test_the_right_side_of_the_file_is_read_back_as_whose_it_was(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "call.wav")
    tape.open()
    for n in range(1200):
        tape.append({CALLER: _frame(n), PROMPTS if n < 600 else AGENT: _frame(-n)})
        tape.flush()
    first = tape.read(590, 77)
    assert first is not None and list(first.tracks) == [CALLER, PROMPTS]
    right: dict[int, LegId] = {}
    at = 0
    while chunk := tape.read(at, 77):
        names = [name for name in chunk.tracks if name != CALLER]
        right |= {at + n: max(names, key=lambda name: -_values(chunk.tracks[name])[n]) for n in range(len(chunk.tracks[CALLER]) // FRAME_BYTES)}
        at += len(chunk.tracks[CALLER]) // FRAME_BYTES
    assert [right[n] for n in (1, 100, 1100, 1199)] == [PROMPTS, PROMPTS, AGENT, AGENT]
    assert set(tape.read(1199, 1).tracks) == {CALLER, AGENT}, "a track that nobody names is forgotten"  # type: ignore[union-attr]
    tape.close()
    again = Tape.from_file(tmp_path / "call.wav", AGENT)
    assert list(again.read(0, 5).tracks) == [CALLER, AGENT]  # type: ignore[union-attr]


def test_a_full_disk_ends_the_recording_and_not_the_call(tmp_path: Path) -> None:
    full = tmp_path / "call.wav"
    full.symlink_to("/dev/full")
    tape = Tape(full)
    with pytest.raises(OSError, match="No space"):
        tape.open()
    for n in range(4000):
        tape.append({CALLER: _frame(n % 100), AGENT: _frame(0)})
    tape.flush()
    assert len(tape._tracks[CALLER]) <= 3001 * FRAME_BYTES, "memory grows without a disk"
    assert tape.read(3990, 5) is not None


def test_paused_frames_are_silence(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "call.wav", 10)
    tape.paused = True
    tape.append({CALLER: _frame(5), AGENT: _frame(5)})
    assert tape.read(10, 1).tracks == {CALLER: bytes(FRAME_BYTES), AGENT: bytes(FRAME_BYTES)}  # type: ignore[union-attr]
    tape.close()


class _SlowDisk:
    """A file whose first write waits until it is let."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.writing, self.go_on = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: bytes) -> int:
        if not self.writing.is_set():
            self.writing.set()
            assert self.go_on.wait(5)
        return self._file.write(data)


def test_a_call_that_ends_while_the_recorder_writes_leaves_a_whole_recording(tmp_path: Path) -> None:
    """The recorder's thread serves all calls: it must not die of a file that was closed under it."""
    tape = _filled(tmp_path / "call.wav", 30)
    assert tape._file is not None
    disk = _SlowDisk(tape._file)
    tape._file = disk  # type: ignore[assignment]
    with ThreadPoolExecutor(2) as threads:
        flushed = threads.submit(tape.flush)
        assert disk.writing.wait(5)
        closed = threads.submit(tape.close)
        with pytest.raises(TimeoutError):
            closed.result(0.1)
        disk.go_on.set()
        flushed.result(5)
        closed.result(5)
    assert tape.error is None and len(wav.load((tmp_path / "call.wav").read_bytes()).channel(0)) == 30 * FRAME_BYTES


def test_the_recorder_closes_what_is_open(tmp_path: Path) -> None:
    recorder = Recorder()
    recorder.start()
    tape = _filled(tmp_path / "call.wav", 30)
    recorder.add(tape)
    recorder.stop()
    assert len(wav.load((tmp_path / "call.wav").read_bytes()).channel(0)) == 30 * FRAME_BYTES


def test_the_spool_keeps_until_it_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    ended = CallSummary(call=CALL, caller="13800000001", phase=LinePhase.ENDED, frames=7)
    spool.put(ended)
    (tmp_path / "torn.json").write_text("{")
    assert Spool(tmp_path).load() == {CALL: ended}
    spool.remove(CALL)
    spool.remove(CALL)
    assert CALL not in Spool(tmp_path).load()


def test_a_message_that_was_left_before_an_upgrade_is_still_delivered(tmp_path: Path) -> None:
    (tmp_path / f"{CALL}.json").write_text(json.dumps({
        "call": CALL, "sip_call_id": "x@y", "caller": "13800000001", "called": "hotline", "name": "", "started_at": 1.7e9,
        "phase": "ended", "agent": "none", "bridged": False, "held": False, "frames": 700, "recording": "recordings/a.wav",
        "emergency": True, "voicemail_from": 321, "end_reason": "hung_up"}))
    assert Spool(tmp_path).load()[CALL] == CallSummary(
        call=CALL, sip_call_id="x@y", caller="13800000001", called="hotline", started_at=1.7e9, phase=LinePhase.ENDED, frames=700,
        recording="recordings/a.wav", emergency=True, voicemail_from=321, end_reason=EndReason.HUNG_UP, right=AGENT)


@pytest.mark.parametrize("text", ['{"v": 3, "call": "13800000001"}', '{"call": "13800000001"}', "[]", "", '{"agent": 1, "call": "13800000001"}'])
def test_a_summary_that_nobody_can_read_is_set_aside_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str) -> None:
    bad = tmp_path / f"{CALL}.json"
    bad.write_text(text)
    assert Spool(tmp_path).load() == {}
    assert not bad.exists() and bad.with_suffix(".unread").exists()
    assert "set aside" in caplog.text and "13800000001" not in caplog.text
