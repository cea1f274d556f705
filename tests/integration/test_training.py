"""The training pipeline, end to end with the tiny recipe, on recordings made here."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import soxr

from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.media import wav
from app.settings import EMBEDDED_MODEL, ROOT

RUN = ROOT / "scripts" / "train_speech_model" / "run"
WORDS = "电视 宽带 报停 信号 遥控器 机顶盒 怎么办 太贵了 没信号 缴费 投诉 搬家 合同 套餐 师傅 网络 移机 过户 优惠 客服 我要 我想 你好 谢谢 电话"


def _run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(RUN), *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=580, check=False)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two speakers: words, and a manifest; among them a file that is no recording."""
    import numpy as np

    folder = tmp_path_factory.mktemp("speech")
    for name, voice in (("first", "m3"), ("second", "f2")):
        (folder / name).mkdir()
        for at, word in enumerate(WORDS.split()):
            pcm = np.frombuffer(EspeakSynthesiser(voice, 150).speak(word), "<i2")
            audio = soxr.resample(pcm, 8000, 16000).astype("<i2").tobytes()
            (folder / name / f"{word if name == 'first' else at}.wav").write_bytes(wav.dump(wav.WavAudio(16000, 1, audio)))
    lines = [f"{at}.wav\t{word}\tsomebody" for at, word in enumerate(WORDS.split())]
    (folder / "second" / "manifest.tsv").write_text("\n".join([*lines, "broken.mp3\t好的"]), encoding="utf-8")
    (folder / "second" / "broken.mp3").write_bytes(b"not an mp3" * 50)
    return folder


def test_the_whole_pipeline_with_the_tiny_recipe(recordings: Path, tmp_path: Path) -> None:
    arguments = ("--recipe", "tiny", "--work", tmp_path, "--speech", recordings / "first", "--speech", recordings / "second",
                 "--leave-out", "second")
    done = _run(*arguments)
    assert done.returncode == 0, done.stderr[-3000:]
    (work,) = tmp_path.glob("tiny-*")
    model = work / "without-second"
    for path in ("vosk-cn-catv/am/final.mdl", "vosk-cn-catv/graph/HCLG.fst", "onnx/streaming/model.onnx", "onnx/offline/sherpa.json"):
        assert (model / path).stat().st_size > 50, path
    names = [row["name"] for row in json.loads((model / "evaluation.json").read_text(encoding="utf-8"))]
    assert names[0].startswith("synthetic") and any(name.startswith("second: words in a loop") for name in names)
    assert "left out" in done.stderr and "broken.mp3" in done.stderr
    made = {path: path.stat().st_mtime_ns for path in (work / "data").glob("*.npz")}
    again = _run("train", *arguments)
    assert again.returncode == 0 and "epoch" not in again.stdout, "the checkpoint says that all epochs are done"
    assert _run("record", *arguments).returncode == 0
    assert made == {path: path.stat().st_mtime_ns for path in (work / "data").glob("*.npz")}, "no shard is made twice"
    assert "no --kokoro" in done.stdout
    before = (model / "vosk-cn-catv" / "am" / "final.mdl").read_bytes()
    further = ("train", "--recipe", "tiny", "--work", tmp_path, "--speech", recordings / "first", "--from", EMBEDDED_MODEL)
    done = _run(*further)
    assert done.returncode == 0, done.stderr[-3000:]
    started = re.search(r"epoch 1 of 1: loss \d+\.\d+, phone errors (\d\.\d+)", done.stdout)
    assert started and float(started[1]) < 0.4, "what it goes on from can hear: " + done.stdout
    assert "epoch 1 of 2" not in done.stdout, "there is no first round"
    assert (model / "vosk-cn-catv" / "am" / "final.mdl").read_bytes() == before, "another run's model is left alone"


def test_bad_input_says_what_to_do(recordings: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, why in (
        (("--speech", tmp_path / "nothing"), "there is no folder"), (("--speech", tmp_path / "empty"), "no recording that can be used"),
        (("--leave-out", "me"), "not among --speech: me"), (("train", "--recipe", "tiny", "--work", tmp_path), "run the steps before"),
        (("export", "--recipe", "tiny", "--work", tmp_path), "run the steps before"),
        (("kokoro", "--recipe", "tiny", "--work", tmp_path, "--kokoro", tmp_path / "empty"), "voice"),
    ):
        refused = _run(*arguments)
        assert refused.returncode in (1, 2) and why in refused.stderr, (arguments, refused.stderr[-500:])
        assert "Traceback" not in refused.stderr


def test_what_is_rendered_is_the_same_again_and_never_by_a_voice_kept_back() -> None:
    known = ["af_nova", "jm_kumo", "zf_xiaobei", "zm_yunxi"]
    made = _run_python(
        "import json, dataclasses; from train_speech_model import kokoro, texts; from train_speech_model.recipe import TINY;"
        f"jobs = [kokoro.jobs(dataclasses.replace(TINY, kokoro_sentences=n), {known}) for n in (60, 120)];"
        "print(json.dumps([jobs, texts.tests()]))"
    )
    (fewer, more), tests = json.loads(made)
    assert more[:60] == fewer, "a larger recipe uses the renderings of a smaller one"
    assert {voice for _, voices, _, _ in more for voice in voices.split("+")} == set(known)
    assert any("+" in voices for _, voices, _, _ in more)
    assert not {text for text, *_ in more} & set(tests)
    assert len({text for text, *_ in more}) > 100


def _run_python(code: str) -> str:
    path = f"{ROOT}:{ROOT / 'scripts'}"
    done = subprocess.run([str(ROOT / ".venv/bin/python"), "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=400,
                          check=True, env={**os.environ, "PYTHONPATH": path})
    return done.stdout.splitlines()[-1]
