"""A neural voice of sherpa-onnx: real files, the real library; broken ones are told and passed over."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.adapters.voice.tts_sherpa import SherpaSynthesiser, voice_fault
from app.media import wav
from app.media.g711 import RATE_HZ
from app.media.loudness import LOUDNESS_RMS
from tests.support.hotline import ROOT, Hotline
from tests.support.sherpa_voice import KNOWN, TOKEN_SAMPLES, sherpa_voice, tone_hz
from tests.support.sherpa_voice import RATE_HZ as MADE_HZ


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sherpa_voice(tmp_path_factory.mktemp("voice"))


def _tone(samples: np.ndarray) -> float:
    return float(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))).argmax() * RATE_HZ / len(samples))


def test_every_syllable_is_spoken_at_the_line_rate_and_the_house_loudness(folder: Path) -> None:
    samples = np.frombuffer(SherpaSynthesiser(folder).speak("一二三"), "<i2").astype(np.float64)
    step = TOKEN_SAMPLES * RATE_HZ // MADE_HZ
    assert len(samples) == 3 * step
    for at, character in enumerate("一二三"):
        inside = samples[at * step + 80 : (at + 1) * step - 80]
        assert abs(_tone(inside) - tone_hz(character)) < 15, character
    assert abs(np.sqrt((samples**2).mean()) / LOUDNESS_RMS - 1) < 0.1
    assert len(SherpaSynthesiser(folder, speed=0.5).speak("一二三")) == 2 * 2 * 3 * step


def test_what_a_voice_cannot_say_the_spare_one_says(folder: Path, tmp_path: Path) -> None:
    voice = SherpaSynthesiser(folder)
    with pytest.raises(SpeechModelError, match="no sound"):
        voice.speak("哦哦")
    prompts = PromptCache(voice, {}, tmp_path, tmp_path / "cache", spare=EspeakSynthesiser(), voice="neural")
    assert len(prompts.speech("哦哦")) > RATE_HZ // 2
    assert not list((tmp_path / "cache").glob("*.wav")), "what the spare voice said is not kept as the voice's"


def test_two_voices_keep_their_files_apart(folder: Path, tmp_path: Path) -> None:
    neural = PromptCache(SherpaSynthesiser(folder), {}, tmp_path, tmp_path / "cache", voice="neural")
    usual = PromptCache(EspeakSynthesiser(), {}, tmp_path, tmp_path / "cache")
    assert neural.speech("一二三") != usual.speech("一二三")
    assert neural.speech("一二三") == neural.speech("一二三") and len(list((tmp_path / "cache").glob("*.wav"))) == 2


def test_a_voice_is_tried_in_a_process_of_its_own(folder: Path, tmp_path: Path) -> None:
    assert voice_fault(folder) == ""
    assert "expected a folder with *.onnx" in voice_fault(tmp_path)
    assert "HOLDLINE_VOICE_SPEAKER" in voice_fault(folder, 7)
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "model.onnx").write_bytes((folder / "model.onnx").read_bytes()[:300])
    assert voice_fault(broken) != "", "whatever the library does with it, the brain lives"


def test_say_writes_what_the_robot_would_say(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "hello.wav"
    done = subprocess.run([sys.executable, "-m", "app", "say", "您好", "--voice", str(folder), "--out", str(out)], cwd=ROOT, capture_output=True,
                          text=True, check=True, env={**os.environ, "HOLDLINE_HOME": str(tmp_path)})
    assert "0.20 s" in done.stdout
    audio = wav.load(out.read_bytes())
    assert (audio.rate_hz, audio.channels) == (RATE_HZ, 1)


@pytest.mark.parametrize("whole", [True, False])
def test_the_hotline_speaks_with_it_or_without(folder: Path, tmp_path: Path, whole: bool) -> None:
    """A caller hears the tones of the voice; a broken voice is told in the log and espeak-ng speaks."""
    voice = folder if whole else tmp_path / "nothing"
    hotline = Hotline(tmp_path, HOLDLINE_ROBOT="true", HOLDLINE_VOICE=str(voice))
    try:
        hotline.start()
        number = "13800000188"
        hotline.ring("--say", "营业厅在哪里", "--from", number, "--no-agent").communicate(timeout=60)
        call = hotline.wait_call(number, lambda c: c["phase"] == "ended" and c["recording_seconds"])
        recording = hotline.api("GET", f"/api/v1/calls/{call['id']}/recording").content
        robot = np.frombuffer(wav.load(recording).channel(1), "<i2").astype(np.float64)
        begins = int(np.argmax(np.abs(robot) > 500))
        step = TOKEN_SAMPLES * RATE_HZ // MADE_HZ
        heard = [_tone(robot[begins + n * step + 100 : begins + (n + 1) * step - 100]) for n in range(2)]
        right = [abs(hz - tone_hz(c)) < 25 for hz, c in zip(heard, "您好", strict=True)]
        assert all(right) is whole, heard
        assert ("espeak-ng speaks instead" in hotline.log()) is not whole
        assert set("您好") <= set(KNOWN)
    finally:
        hotline.stop()
