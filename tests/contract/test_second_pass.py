"""Both engines of the second pass keep the same promises: Whisper, and the whole-utterance models of sherpa-onnx."""

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.second_pass import SecondPassProcess
from app.adapters.speech.second_pass_measured import (
    SLOWEST,
    Capacity,
    MeasuredSecondPass,
    SwitchingSecondPass,
)
from app.adapters.speech.whole_models import hears_whole, load_whole
from app.adapters.voice.recordings import load_recordings
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.language.texts.spoken_texts import spoken
from app.language.understanding import sound
from app.service.second_pass import Readiness, Reheard, Urgency
from app.settings import EMBEDDED_MODEL
from tests.conftest import ROOT
from tests.support.models import WHISPER
from tests.support.servers import wait_for
from tests.support.sherpa_models import sherpa_models

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True)
class Engine:
    """A model, and a sentence that it understands: PCM16 and text."""

    folder: Path
    speech: bytes
    text: str


@pytest.fixture(scope="module")
def onnx_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sherpa_models(tmp_path_factory.mktemp("onnx"))


@pytest.fixture(scope="module", params=["sherpa", "whisper"])
def engine(request: pytest.FixtureRequest, onnx_models: Path) -> Engine:
    if request.param == "sherpa":
        text = "我家电视没信号"
        return Engine(onnx_models / "offline", bytes(6400) + EspeakSynthesiser().speak(text) + bytes(9600), text)
    if not (WHISPER / "model.bin").is_file():
        pytest.skip("Whisper is not here: holdline model fetch whisper-base")
    text = next(each.text for each in load_recordings("zm_yunxi-scenarios") if len(spoken(each.text)) >= 6)
    found = load_recordings("zm_yunxi-scenarios").pcm16(text)
    assert found is not None
    return Engine(WHISPER, bytes(4000) + found + bytes(6000), text)


@pytest.fixture
def second_pass(engine: Engine) -> Iterator[SecondPassProcess]:
    made = SecondPassProcess(engine.folder, ENVIRONMENT)
    made.start()
    yield made
    made.close()


def _is_heard(answer: Reheard | None, engine: Engine) -> bool:
    said = sound.syllables(spoken(engine.text))
    return answer is not None and Levenshtein.distance(said, sound.syllables(answer.text)) <= len(said) / 5


def test_a_whole_utterance_is_heard(engine: Engine) -> None:
    model = load_whole(engine.folder)
    heard = model.hear(engine.speech)
    assert _is_heard(heard, engine) and heard.text == spoken(heard.text) and heard.score <= 0
    assert model.hear(bytes(32_000)).text == "", "silence is no word"
    assert hears_whole(engine.folder) and not hears_whole(EMBEDDED_MODEL)


def test_the_urgent_ones_first_and_nothing_for_who_would_be_late(second_pass: SecondPassProcess, engine: Engine) -> None:
    """The worker is stopped while they come, so that which it hears first is no matter of speed."""
    order: list[Urgency] = []

    def hear(urgency: Urgency, within_s: float | None = None) -> "Future[Reheard | None]":
        answer = second_pass.hear(engine.speech, urgency, within_s)
        answer.add_done_callback(lambda _: order.append(urgency))
        return answer

    hear(Urgency.LATER).result(180)
    order.clear()
    process = second_pass._process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    first = hear(Urgency.AGENT)
    wait_for(first.running, 20, "the first to be heard while the others come")
    rest = [hear(Urgency.LATER), hear(Urgency.AGENT), hear(Urgency.CALLER), hear(Urgency.ROBOT_CALLER)]
    hear(Urgency.ROBOT_CALLER).cancel()
    order.clear()
    late = hear(Urgency.LATER, 0.0)
    os.kill(process.pid, signal.SIGCONT)
    for answer in (first, *rest):
        assert answer.result(180)
    assert late.result(180) is None and second_pass.late == 1
    assert order[:4] == [Urgency.AGENT, Urgency.ROBOT_CALLER, Urgency.CALLER, Urgency.AGENT]


def test_a_worker_that_is_killed_comes_back(second_pass: SecondPassProcess, engine: Engine) -> None:
    assert second_pass.hear(engine.speech, Urgency.LATER).result(180)
    assert second_pass._process is not None
    os.kill(second_pass._process.pid, signal.SIGKILL)
    assert second_pass.hear(engine.speech, Urgency.CALLER, 2.0).result(20) is None, "nobody waits for a dead worker"
    assert _is_heard(second_pass.hear(engine.speech, Urgency.LATER).result(180), engine) and second_pass.died == 1


def test_a_worker_that_hangs_is_ended_and_comes_back(engine: Engine) -> None:
    made = SecondPassProcess(engine.folder, ENVIRONMENT, hung_after_s=20.0)
    made.start()
    try:
        assert made.hear(engine.speech, Urgency.LATER).result(180)
        assert made._process is not None
        os.kill(made._process.pid, signal.SIGSTOP)
        made._hung_after_s = 0.5
        assert made.hear(engine.speech, Urgency.CALLER).result(30) is None
        made._hung_after_s = 90.0
        assert _is_heard(made.hear(engine.speech, Urgency.LATER).result(180), engine) and made.died == 1
    finally:
        made.close()
    assert made.hear(engine.speech, Urgency.LATER).result(5) is None, "who asks after the end does not wait"


def test_a_machine_measures_itself_before_calls_use_it(second_pass: SecondPassProcess, engine: Engine) -> None:
    measured = MeasuredSecondPass(second_pass, lambda: engine.speech)
    assert measured.hear(b"", Urgency.CALLER, 2.0).result(0) is None, "not before it was measured"
    assert measured.status.readiness is Readiness.MEASURING and measured.status.factor is None
    measured._measure()
    assert measured.capacity is not None and measured.capacity.factor > 0
    assert measured.is_on == measured.capacity.is_enough
    assert measured.status.model == engine.folder.name and measured.status.heard == 2


def test_a_machine_that_is_too_slow_hears_only_what_may_wait(second_pass: SecondPassProcess, engine: Engine) -> None:
    measured = MeasuredSecondPass(second_pass, lambda: engine.speech)
    measured.capacity = Capacity(SLOWEST * 1.01)
    measured.measured.set()
    assert measured.status.readiness is Readiness.TOO_SLOW and measured.status.calls == 0
    assert measured.hear(engine.speech, Urgency.CALLER, 2.0).result(0) is None
    assert _is_heard(measured.hear(engine.speech, Urgency.LATER).result(180), engine)


def test_what_waits_is_heard_before_a_worker_retires(second_pass: SecondPassProcess, engine: Engine) -> None:
    waiting = [second_pass.hear(engine.speech, Urgency.LATER) for _ in range(3)]
    second_pass.retire()
    assert all(_is_heard(each.result(180), engine) for each in waiting)
    wait_for(lambda: not second_pass._thread.is_alive(), 10, "the worker to end")
    assert second_pass.died == 0


def test_another_model_takes_over_when_it_is_ready(onnx_models: Path, tmp_path: Path) -> None:
    """One that does not answer is tried once, and the one in use stays."""
    speech = bytes(6400) + EspeakSynthesiser().speak("我家电视没信号") + bytes(9600)
    other, broken = tmp_path / "other", tmp_path / "broken"
    shutil.copytree(onnx_models / "offline", other)
    broken.mkdir()
    wanted: list[Path | None] = [None]
    made: list[Path] = []

    def make(folder: Path) -> MeasuredSecondPass:
        made.append(folder)
        return MeasuredSecondPass(SecondPassProcess(folder, ENVIRONMENT), lambda: speech)

    switching = SwitchingSecondPass(make, onnx_models / "offline", lambda: wanted[0])
    switching._current.start()
    try:
        assert not switching.look(), "nothing was chosen"
        waiting = switching.hear(speech, Urgency.LATER)
        wanted[0] = other
        assert switching.look() and switching.name == "other" and not switching.look()
        answer = waiting.result(180)
        assert answer is not None and answer.text == "我家电视没信号"
        wanted[0] = broken
        assert not switching.look() and not switching.look() and switching.name == "other"
        assert made.count(broken) == 1
        again = switching.hear(speech, Urgency.LATER).result(180)
        assert again is not None and again.text == "我家电视没信号"
    finally:
        switching.close()


def test_a_streaming_model_is_no_second_pass(onnx_models: Path) -> None:
    with pytest.raises(SpeechModelError, match="use it as the first one"):
        load_whole(onnx_models / "streaming")
