"""The real voice model, where it is here (HOLDLINE_MODELS, or HOLDLINE_HOME/models): what it says and what it refuses."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.background_voice import BackgroundVoice
from app.adapters.voice.kept_voice import kept
from app.adapters.voice.tts_kokoro import MODEL_NAME, KokoroSynthesiser
from app.media import wav
from app.media.g711 import RATE_HZ
from app.media.loudness import LOUDNESS_RMS
from tests.conftest import ROOT
from tests.support.models import MODELS, needs_kokoro
from tests.support.sounds import pitch_hz

pytestmark = needs_kokoro


@pytest.fixture(scope="module")
def kokoro() -> KokoroSynthesiser:
    return KokoroSynthesiser(MODELS / MODEL_NAME)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / MODEL_NAME).symlink_to(MODELS / MODEL_NAME)
    return tmp_path


def _say(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "app", "say", *arguments], cwd=ROOT, capture_output=True, text=True, check=False,
                          env={**os.environ, "HOLDLINE_HOME": str(home)}, timeout=120)


def test_it_speaks_at_the_line_rate_and_the_house_loudness(kokoro: KokoroSynthesiser) -> None:
    samples = np.frombuffer(kokoro.speak("我家的电视没有信号"), "<i2").astype(float)
    assert 1.0 < len(samples) / RATE_HZ < 3.5
    loud = samples[np.abs(samples) > 100]
    assert abs(np.sqrt((loud**2).mean()) / LOUDNESS_RMS - 1) < 0.1
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum[: len(spectrum) // 2].sum() > 2 * spectrum[len(spectrum) // 2 :].sum(), "a voice, not noise"
    faster = kokoro.at("zf_xiaoxiao", 1.4).speak("我家的电视没有信号")
    assert len(faster) / 2 < 0.85 * len(samples)


def test_a_woman_a_man_and_a_blend_of_both(kokoro: KokoroSynthesiser) -> None:
    woman, man = (pitch_hz(kokoro.at(name).speak("您好，请问有什么可以帮您")) for name in ("zf_xiaoxiao", "zm_yunjian"))
    blend = pitch_hz(kokoro.at("zf_xiaoxiao+zm_yunjian").speak("您好，请问有什么可以帮您"))
    assert woman > 1.25 * man and 0.95 * man < blend < 1.05 * woman, (woman, man, blend)


def test_a_long_text_is_said_to_its_end(kokoro: KokoroSynthesiser) -> None:
    """More symbols than the voices have styles for: it is said in two pieces."""
    once = len(kokoro.speak("请把机顶盒后面的电源线拔下来，等十秒再插上去，"))
    assert len(kokoro.speak("请把机顶盒后面的电源线拔下来，等十秒再插上去，" * 4)) > 3 * once


@pytest.mark.parametrize("text", ["", "。。。", "   ", "\u200b"])
def test_what_has_no_sound_is_told(kokoro: KokoroSynthesiser, text: str) -> None:
    with pytest.raises(SpeechModelError, match="no sound"):
        kokoro.speak(text)


def test_a_broken_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "vocab.json").write_bytes((MODELS / MODEL_NAME / "vocab.json").read_bytes())
    with pytest.raises(SpeechModelError, match="fetch kokoro-82m"):
        KokoroSynthesiser(tmp_path)
    (tmp_path / "model.onnx").write_bytes((MODELS / MODEL_NAME / "model.onnx").read_bytes()[:5000])
    with pytest.raises(SpeechModelError, match="fetch kokoro-82m"):
        KokoroSynthesiser(tmp_path)


def test_a_sentence_is_made_in_the_background_by_a_process_that_goes_again(home: Path) -> None:
    voice = BackgroundVoice({**os.environ, "HOLDLINE_HOME": str(home), "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}, idle_s=0.5)
    path, other = home / "prompts" / "a.wav", home / "prompts" / "b.wav"
    try:
        voice.later("明天上午停水", path)
        voice.later("明天上午停水", path)
        voice.later("。", other)
        until = time.monotonic() + 90
        while time.monotonic() < until and (kept(path) is None or voice._process is not None):
            time.sleep(0.1)
        assert len(kept(path) or b"") > RATE_HZ and kept(other) is None
        assert voice._process is None, "nothing is left to make: its memory is given back"
    finally:
        voice.close()


def test_a_model_that_does_not_load_is_not_asked_for_ever(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The process ends each time; after the third nothing is asked of it any more."""
    voice = BackgroundVoice({**os.environ, "HOLDLINE_HOME": str(tmp_path), "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"})
    try:
        for number in range(5):
            voice.later(f"第{number}句", tmp_path / f"{number}.wav")
        until = time.monotonic() + 120
        while time.monotonic() < until and voice._ends < 3:
            time.sleep(0.1)
        voice.later("再来一句", tmp_path / "more.wav")
        assert voice._ends == 3 and tmp_path / "more.wav" not in voice._asked and "holdline model fetch kokoro-82m" in caplog.text
    finally:
        voice.close()


def test_say_with_a_voice_by_name(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "hello.wav"
    done = _say(home, "明天上午停水", "--voice", "zm_yunxi", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert len(wav.load(out.read_bytes()).pcm16) > RATE_HZ
    assert "there are" in _say(home, "您好", "--voice", "zm_yunxi+nobody").stderr or _say(home, "您好", "--voice", "zm_nobody").returncode != 0
    bare = _say(tmp_path / "bare", "您好", "--voice", "zm_yunxi")
    assert bare.returncode == 1 and "holdline model fetch kokoro-82m" in bare.stderr
