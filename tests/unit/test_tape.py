"""The tape: both sides in place, read from memory or file, survives a crash and a full disk."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.bridge.spool import Spool
from app.bridge.tape import Recorder, Tape
from app.domain.calls.ids import CallId
from app.link.summary import CallSummary, LinePhase
from app.media import wav
from app.media.g711 import FRAME_BYTES

CALL = CallId("ab" * 16)


def _frame(value: int) -> bytes:
    return np.full(FRAME_BYTES // 2, value, "<i2").tobytes()


def _filled(path: Path, frames: int) -> Tape:
    tape = Tape(path)
    tape.open()
    for n in range(frames):
        tape.append(_frame(n), _frame(-n))
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
    assert len(tape._left) < 1000 * FRAME_BYTES
    at, seen = 0, []
    while chunk := tape.read(at, 77):
        assert chunk.first == at
        seen += np.frombuffer(chunk.caller, "<i2")[::160].tolist()
        at += len(chunk.caller) // FRAME_BYTES
    assert seen == list(range(3000))
    tape.close()


def test_a_crash_leaves_a_readable_file(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "call.wav", 101)  # flushed at frame 100, never closed
    audio = wav.load((tmp_path / "call.wav").read_bytes())
    assert len(audio.channel(0)) == 101 * FRAME_BYTES
    again = Tape.from_file(tmp_path / "call.wav")
    assert again.frames == 101 and again.read(50, 1) is not None
    tape.close()


def test_a_full_disk_ends_the_recording_and_not_the_call(tmp_path: Path) -> None:
    full = tmp_path / "call.wav"
    full.symlink_to("/dev/full")
    tape = Tape(full)
    with pytest.raises(OSError, match="No space"):
        tape.open()
    for n in range(4000):
        tape.append(_frame(n % 100), _frame(0))
    tape.flush()
    assert len(tape._left) <= 3001 * FRAME_BYTES, "memory grows without a disk"
    assert tape.read(3990, 5) is not None


def test_paused_frames_are_silence(tmp_path: Path) -> None:
    tape = _filled(tmp_path / "call.wav", 10)
    tape.paused = True
    tape.append(_frame(5), _frame(5))
    assert tape.read(10, 1).caller == bytes(FRAME_BYTES)  # type: ignore[union-attr]
    tape.close()


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


def test_a_summary_of_an_earlier_version_is_set_aside_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    old = tmp_path / f"{CALL}.json"
    old.write_text(json.dumps({"call": CALL, "caller": "13800000001", "phase": "answered", "agent": "none", "frames": 0}))
    assert Spool(tmp_path).load() == {}
    assert not old.exists() and old.with_suffix(".unread").exists()
    assert "version 2" in caplog.text and "13800000001" not in caplog.text
