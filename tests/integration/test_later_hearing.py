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

from app.adapters.db.engine import make_engine
from app.adapters.db.migrate import migrate
from app.adapters.speech.second_pass import SecondPassProcess
from app.adapters.stored_recordings import StoredRecordings
from app.domain.calls import machine
from app.language.texts.spoken_texts import spoken
from app.language.understanding import sound
from app.media import tones, wav
from app.media.g711 import RATE_HZ
from app.service.calls.commands import AdvanceCall, CloseCall, NoteRecording, RecordUtterance
from app.service.calls.later_hearing import LaterHearing, LaterPorts
from app.service.calls.records import Rehearing
from app.service.ports import Content, Word
from app.service.second_pass import Urgency
from tests.conftest import ROOT
from tests.contract.conftest import Shop
from tests.integration.test_second_pass import natural, recorded
from tests.support.hotline import Hotline
from tests.support.kept import present
from tests.support.models import MODELS, WHISPER, needs_whisper
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


def test_a_message_is_heard_whole_though_the_worker_is_killed(tmp_path: Path, content: Content) -> None:
    """The real worker and a real recording; of two sentences the first pass has misheard one and not heard the other."""
    engine = make_engine(f"sqlite:///{tmp_path}/h.db")
    migrate(engine)
    shop = Shop(engine, content)
    call_id, _ = shop.call(LEFT, machine.Admitted(True, False), machine.PromptPlayed("busy_greeting"), machine.PromptPlayed("beep"))
    texts = recorded()[:2]
    one, two = (natural(text) for text in texts)
    left = one + bytes(2 * RATE_HZ) + two + bytes(2 * RATE_HZ)
    stereo = bytearray(2 * len(left))
    memoryview(stereo).cast("h")[::2] = memoryview(left).cast("h")
    (tmp_path / "call.wav").write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 2, bytes(stereo))))
    shop.bus.execute(RecordUtterance(
        call_id=call_id, side="caller", start_ms=0, end_ms=len(one) // 16 - 300, words=(Word("我要报婷", 0, 2, 0.6),),
        understanding=content.engine.understand("我要报婷"), heard_frames=(1, 1)))
    shop.bus.execute(NoteRecording(call_id=call_id, path="call.wav"))
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    shop.bus.execute(CloseCall(call_id=call_id, frames=len(left) // 320, voicemail_from_frame=0))
    second_pass = SecondPassProcess(WHISPER, {**os.environ, "PYTHONPATH": str(ROOT)})
    second_pass.start()
    try:
        assert second_pass.hear(one, Urgency.LATER).result(120)
        assert second_pass._process is not None
        second_pass._process.kill()
        later = LaterHearing(LaterPorts(
            bus=shop.bus, reads=shop.reads, second_pass=second_pass, recordings=StoredRecordings(tmp_path), live=lambda: 0))
        later.hear_due()
        with shop.unit_of_work() as uow:
            row = present(uow.get(Rehearing, call_id))
            # the worker may have died with the first job in its hands: the next try is in a minute
            row.next_at = row.ended_at
            uow.commit()
        later.hear_due()
    finally:
        second_pass.close()
    view = present(shop.queries.call(call_id))
    assert second_pass.died == 1 and present(view.rehearing).state == "heard"
    assert [u.first_text for u in view.utterances][0] == "我要报婷" and len(view.utterances) >= 2
    assert _wrong("".join(texts), "".join(u.text for u in view.utterances)) < 0.25
    (message,), (waiting,) = shop.queries.voicemails(), shop.queries.callbacks()
    assert _wrong("".join(texts), message.voicemail.text) < 0.25 and message.voicemail.first_text == "我要报婷"
    assert waiting.callback.text == message.voicemail.text and waiting.callback.intent == message.voicemail.intent
    engine.dispose()


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
