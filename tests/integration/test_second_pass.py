"""Whisper as the second pass: what it hears, its faults, and real calls by natural voices."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_whisper import Whisper
from app.adapters.voice.recordings import load_recordings
from app.language.texts.spoken_texts import spoken
from app.language.understanding import sound
from app.language.understanding.bands import Bands
from app.media import tones, wav
from app.media.g711 import PCMU, RATE_HZ, decode
from app.media.resample import to_line_rate
from app.service.calls.reheard import clearness
from tests.conftest import ROOT
from tests.support.hotline import Hotline
from tests.support.models import MODELS, WHISPER, needs_whisper
from tests.support.servers import wait_for

pytestmark = needs_whisper


def natural(text: str) -> bytes:
    """A recorded sentence in the voice of simulated callers, with quiet around it."""
    found = load_recordings("zm_yunxi-scenarios").pcm16(text)
    assert found is not None, text
    return bytes(4000) + found + bytes(6000)


def recorded() -> list[str]:
    return [each.text for each in load_recordings("zm_yunxi-scenarios") if len(spoken(each.text)) >= 6]


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper(WHISPER)


def test_it_hears_natural_voices(whisper: Whisper) -> None:
    wrong = total = 0
    for text in recorded():
        said, heard = sound.syllables(spoken(text)), sound.syllables(whisper.hear(natural(text)).text)
        wrong += Levenshtein.distance(said, heard)
        total += len(said)
    assert total > 80 and wrong / total < 0.12


def _no_speech() -> dict[str, bytes]:
    """What a hotline hears that nobody said to it: 8000 Hz, PCM16."""
    random, seconds = np.random.default_rng(1), 3 * RATE_HZ
    rumble = random.normal(0, 1, seconds).cumsum()
    busy = 5000 * np.sin(2 * np.pi * 450 * np.arange(seconds) / RATE_HZ) * ((np.arange(seconds) // 2800) % 2)
    return {
        "silence": bytes(48_000),
        "hiss": random.normal(0, 1500, seconds).astype("<i2").tobytes(),
        "rumble": ((rumble - rumble.mean()) / np.abs(rumble).max() * 8000).astype("<i2").tobytes(),
        "busy": busy.astype("<i2").tobytes(),
        "ring back": tones.ringback()[:48_000],
        "music on hold": tones.music()[:160_000],
    }


@pytest.mark.parametrize("name", _no_speech())
def test_what_is_no_speech_is_nothing(whisper: Whisper, name: str) -> None:
    assert whisper.hear(_no_speech()[name]).text == ""


def test_two_at_once_are_never_clear(whisper: Whisper) -> None:
    """What is heard of two people who talk at once stops nobody: it is in doubt, or nothing."""
    one, other = (np.frombuffer(natural(text), "<i2").astype(float) for text in recorded()[:2])
    both = np.zeros(max(len(one), len(other)))
    both[: len(one)] += one
    both[: len(other)] += other
    heard = whisper.hear(both.clip(-32767, 32767).astype("<i2").tobytes())
    assert not heard.text or clearness(heard.score) < Bands().heard


@pytest.mark.peer("espeak-ng")
@pytest.mark.parametrize(("language", "said"), [("yue", "我想停咗個電視，太貴喇"), ("en", "I want to stop the television, it is too expensive"),
                                                ("ru", "Я хочу отключить телевидение")])
def test_another_language_is_nothing(whisper: Whisper, language: str, said: str) -> None:
    spoken_file = subprocess.run(["espeak-ng", "-v", language, "--stdout", said], capture_output=True, check=True).stdout
    audio = wav.load(spoken_file)
    assert whisper.hear(to_line_rate(audio.pcm16, audio.rate_hz)).text == ""


def test_the_longest_utterance_is_cut_and_costs_bounded_time(whisper: Whisper) -> None:
    minute = natural(recorded()[0]) * 20
    assert len(whisper.hear(minute).text) < 300


def test_a_broken_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"nothing")
    with pytest.raises(SpeechModelError, match="model fetch"):
        Whisper(tmp_path)


def _transcribed(path: Path, model: str, models: Path = MODELS) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "app", "transcribe", str(path), "--model", model], cwd=ROOT, capture_output=True,
                          text=True, check=False, timeout=120, env={**os.environ, "HOLDLINE_MODELS": str(models)})


def test_a_file_is_heard_by_whisper(tmp_path: Path) -> None:
    text = recorded()[0]
    path = tmp_path / "a.wav"
    path.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, natural(text) + natural(text))))
    lines = [json.loads(line) for line in _transcribed(path, "whisper").stdout.splitlines()]
    said = sound.syllables(spoken(text) * 2)
    assert Levenshtein.distance(said, sound.syllables("".join(line["text"] for line in lines))) / len(said) < 0.2
    words = [word for line in lines for word in line["words"]]
    assert all(0 < word["conf"] <= 1 and word["start"] <= word["end"] for word in words)
    assert "model fetch whisper-base" in _transcribed(path, "whisper", tmp_path).stderr
    assert "no model 'nobody'" in _transcribed(path, "nobody").stderr


def test_a_call_by_a_natural_voice_is_corrected_in_place(tmp_path: Path) -> None:
    """Real SIP and RTP; the first words are kept beside the second. Of one sentence the first pass knows neither the
    voice nor the name in it."""
    hotline = Hotline(tmp_path, HOLDLINE_MODELS=str(MODELS), HOLDLINE_SECOND_PASS="true")
    stranger = decode(PCMU, (ROOT / "tests" / "data" / "estate" / "stranger.ulaw").read_bytes())
    sounds = {**{text: natural(text) for text in recorded()[:5]}, "我们锦绣澜庭都看不了电视": bytes(4000) + stranger + bytes(6000)}
    texts, arguments = list(sounds), []
    for at, pcm16 in enumerate(sounds.values()):
        path = tmp_path / f"{at}.wav"
        path.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)))
        arguments += ["--wav", str(path)]
    hotline.start()
    try:
        wait_for(lambda: "second pass takes" in hotline.log(), 90, "the second pass to be measured")
        line = hotline.line("1001")
        hotline.presence("1001", "go_ready")
        ring = hotline.ring(*arguments, "--from", "13700001001", "--agent-line", line)
        ring.communicate(timeout=120)
        time.sleep(2)
        call = hotline.wait_call("13700001001", lambda c: c["ended_at"], what="to end")
    finally:
        hotline.stop()
    said = sound.syllables("".join(spoken(text) for text in texts))
    caller = [u for u in call["utterances"] if u["speaker"] == "caller"]
    now = sound.syllables("".join(u["text"] for u in caller))
    first = sound.syllables("".join(u["first_text"] or u["text"] for u in caller))
    assert any(u["first_text"] for u in caller), "something was corrected"
    assert Levenshtein.distance(said, now) < Levenshtein.distance(said, first)
    assert Levenshtein.distance(said, now) / len(said) < 0.25


