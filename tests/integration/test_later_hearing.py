"""Finished calls and messages, heard again by the real Whisper from their recordings: real SIP and RTP, natural voices, a brain that
had no second pass while they went on, and a worker that is killed in the middle."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import Levenshtein

from app.language.texts.spoken_texts import spoken
from app.language.understanding import sound
from app.media import tones, wav
from app.media.g711 import RATE_HZ
from tests.conftest import ROOT
from tests.integration.test_second_pass import natural, recorded
from tests.support.hotline import Hotline
from tests.support.models import MODELS, needs_whisper
from tests.support.servers import wait_for

pytestmark = needs_whisper
TALKED, LEFT = "13700002001", "13700002002"


def _wrong(said: str, heard: str) -> float:
    right = sound.syllables(spoken(said))
    return Levenshtein.distance(right, sound.syllables(spoken(heard))) / len(right)


def _arguments(folder: Path, texts: list[str]) -> list[str]:
    found = []
    for at, text in enumerate(texts):
        path = folder / f"{at}.wav"
        path.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, natural(text))))
        found += ["--wav", str(path)]
    return found


def _worker(hotline: Hotline) -> int | None:
    """The process that hears again."""
    assert hotline.brain is not None
    found = subprocess.run(["pgrep", "-P", str(hotline.brain.pid), "-f", "second-pass"], capture_output=True, text=True, check=False).stdout
    return int(found) if found.strip() else None


def _caller(call: dict[str, Any], field: str = "text") -> str:
    return "".join(u[field] or u["text"] for u in call["utterances"] if u["speaker"] == "caller")


def test_a_call_and_a_message_are_corrected_after_they_ended(tmp_path: Path) -> None:
    hotline = Hotline(tmp_path, HOLDLINE_MODELS=str(MODELS))
    texts = recorded()[:5]
    talked, left = texts[:3], texts[3:]
    hotline.start()
    try:
        line = hotline.line("1001")
        hotline.presence("1001", "go_ready")
        hotline.ring(*_arguments(tmp_path, talked), "--from", TALKED, "--agent-line", line).communicate(timeout=120)
        first = hotline.wait_call(TALKED, lambda c: c["ended_at"] and c["heard_again"], what="to end")
        hotline.finish("1001")
        hotline.ring(*_arguments(tmp_path, left), "--from", LEFT, "--no-agent").communicate(timeout=120)
        hotline.wait_call(LEFT, lambda c: c["ended_at"] and c["heard_again"], what="to end")
        assert first["heard_again"] == {"state": "waiting", "why": None}
        assert not any(u["first_text"] for u in first["utterances"])
        (message,) = hotline.get("voicemails")["voicemails"]
        hotline.kill_brain()
        hotline.environment["HOLDLINE_SECOND_PASS"] = "true"
        hotline.start_brain()
        hotline.wait_ready()
        wait_for(lambda: any(row[0] for row in hotline.stored("SELECT heard_again FROM utterances")), 120, "the first sentence")
        worker = _worker(hotline)
        assert worker is not None
        os.kill(worker, signal.SIGKILL)
        calls = [
            hotline.wait_call(number, lambda c: c["heard_again"]["state"] != "waiting", 200, "to be heard again")
            for number in (TALKED, LEFT)
        ]
        (heard,) = hotline.get("voicemails")["voicemails"]
        (waiting,) = hotline.get("callbacks")["callbacks"]
    finally:
        hotline.stop()
    assert [call["heard_again"]["state"] for call in calls] == ["heard", "heard"]
    assert any(u["first_text"] for call in calls for u in call["utterances"]), "something was corrected"
    said = "".join(talked)
    assert _wrong(said, _caller(calls[0])) < 0.25
    assert _wrong(said, _caller(calls[0])) <= _wrong(said, _caller(calls[0], "first_text"))
    assert _wrong("".join(left), heard["text"]) <= _wrong("".join(left), message["text"])
    assert heard["text"] == waiting["text"] and _wrong("".join(left), heard["text"]) < 0.3
    assert heard["first_text"] in (None, message["text"]) and heard["intent"] == waiting["intent"]


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stereo, 12 minutes: one of music left and silence right, one with a sentence on each side, the rest silence."""
    path, (left, right) = tmp_path_factory.mktemp("long") / "long.wav", recorded()[:2]
    minute = RATE_HZ * 60
    music = (tones.music() * (1 + 2 * minute // len(tones.music())))[: 2 * minute]
    with path.open("wb") as file:
        file.write(wav.header(12 * minute * 4, 2))
        for pair in ((music, b""), (natural(left), bytes(RATE_HZ * 16) + natural(right)), *[(b"", b"")] * 10):
            samples = bytearray(minute * 4)
            for side, pcm16 in enumerate(pair):
                view, heard = memoryview(samples).cast("h"), memoryview(pcm16).cast("h")
                view[side : 2 * len(heard) : 2] = heard
                view.release()
            file.write(samples)
    return path


def test_a_long_file_is_not_held_and_music_and_silence_are_nothing(long_file: Path) -> None:
    """What a file of 12 minutes needs more than one of 10 s is little beside its own size."""
    short = long_file.with_name("short.wav")
    short.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, natural(recorded()[0]))))
    peaks, lines = [], []
    for path in (short, long_file):
        done = subprocess.run([sys.executable, "-c", _PEAK, str(path)], cwd=ROOT, capture_output=True, text=True, check=True, timeout=280,
                              env={**os.environ, "HOLDLINE_MODELS": str(MODELS)})
        *found, peak = done.stdout.splitlines()
        peaks.append(int(peak))
        lines = [json.loads(line) for line in found]
    assert [line["channel"] for line in lines] == [0, 1], lines
    assert all(60 < line["start"] < 120 for line in lines), "the music is nothing"
    for line, text in zip(lines, recorded()[:2], strict=True):
        assert _wrong(text, line["text"]) < 0.35
    assert peaks[1] - peaks[0] < 60_000, f"KB: {peaks}"


_PEAK = """
import resource, sys
from app.cli import main
try:
    main(["transcribe", sys.argv[1], "--model", "whisper"])
except SystemExit:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
