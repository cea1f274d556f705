"""Every engine keeps the same promises: in this process, and on a vosk-server."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_remote import RemoteError, RemoteRecogniser
from app.adapters.speech.asr_sherpa import SherpaRecogniser, boosting
from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.speech.sherpa_models import SherpaModel, describe
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.bootstrap.speech import load_recogniser
from app.media.g711 import FRAME_BYTES
from app.service.calls.hearing import (
    Final,
    Partial,
    PatientHearing,
    Pause,
    RecognitionGap,
    words_of,
)
from app.service.ports import Recogniser, RecogniserStream
from app.settings import EMBEDDED_MODEL
from tests.support.sherpa_models import sherpa_models
from tests.support.vosk_server import VoskServer


@pytest.fixture(scope="module")
def server() -> Iterator[VoskServer]:
    made = VoskServer()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def wideband(tmp_path_factory: pytest.TempPathFactory) -> VoskRecogniser:
    """The embedded model as one of 16 kHz: the same mel range of a signal sampled twice as often."""
    folder = tmp_path_factory.mktemp("models") / "wideband"
    shutil.copytree(EMBEDDED_MODEL, folder)
    conf = folder / "conf" / "mfcc.conf"
    text = conf.read_text().replace("frequency=8000", "frequency=16000").replace("high-freq=-200", "high-freq=3800")
    conf.write_text(text)
    return VoskRecogniser(folder)


@pytest.fixture(scope="module")
def onnx_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sherpa_models(tmp_path_factory.mktemp("onnx"))


@pytest.fixture(scope="module")
def wideband_onnx(onnx_models: Path) -> Path:
    """The streaming one as a model of 16 kHz."""
    folder = onnx_models / "wideband"
    shutil.copytree(onnx_models / "streaming", folder)
    about = json.loads((folder / "sherpa.json").read_text())
    (folder / "sherpa.json").write_text(json.dumps({**about, "rate_hz": 16000, "high_hz": 3800.0}))
    return folder


@pytest.fixture(scope="module", params=["vosk", "vosk-16k", "vosk-server", "sherpa", "sherpa-16k"])
def engine(
    request: pytest.FixtureRequest, recogniser: VoskRecogniser, wideband: VoskRecogniser, server: VoskServer,
    onnx_models: Path, wideband_onnx: Path,
) -> Recogniser:
    makers: dict[str, Callable[[], Recogniser]] = {
        "vosk": lambda: recogniser, "vosk-16k": lambda: wideband, "vosk-server": lambda: RemoteRecogniser(server.url),
        "sherpa": lambda: SherpaRecogniser(onnx_models / "streaming"), "sherpa-16k": lambda: SherpaRecogniser(wideband_onnx),
    }
    return makers[str(request.param)]()


def _say(voice: EspeakSynthesiser, text: str) -> bytes:
    return bytes(6400) + voice.speak(text) + bytes(9600)


def _feed(stream: RecogniserStream, audio: bytes) -> list[str]:
    return [stream.feed(audio[at : at + 1600]) for at in range(0, len(audio), 1600)]


def test_partials_then_words_with_times_and_confidence(engine: Recogniser, voice: EspeakSynthesiser) -> None:
    audio = _say(voice, "我要报停")
    stream = engine.stream()
    partials = _feed(stream, audio)
    assert any(partials), "something is said before the end"
    words = stream.finish()
    assert "".join(w.word for w in words) == "我要报停"
    seconds = len(audio) / 16000
    for word in words:
        assert 0 <= word.start <= word.end <= seconds + 0.05 and 0 <= word.confidence <= 1.001
    assert [w.start for w in words] == sorted(w.start for w in words)


def test_a_stream_begins_anew_after_a_final(engine: Recogniser, voice: EspeakSynthesiser) -> None:
    stream = engine.stream()
    for said in ("我要报停", "太贵了", "我要报停"):
        _feed(stream, _say(voice, said))
        words = stream.finish()
        assert "".join(w.word for w in words) == said
        assert words[0].start < 1.0, "times begin anew"


def test_silence_is_no_word(engine: Recogniser) -> None:
    stream = engine.stream()
    assert set(_feed(stream, bytes(32000))) == {""} and list(stream.finish()) == []
    assert list(stream.finish()) == [], "ending twice is no fault"


def test_two_legs_never_mix(engine: Recogniser, voice: EspeakSynthesiser) -> None:
    said = {"caller": "我家电视没信号", "agent": "太贵了"}
    found: dict[str, str] = {}

    def run(side: str) -> None:
        stream = engine.stream()
        for _ in range(2):
            _feed(stream, _say(voice, said[side]))
            found[side] = "".join(w.word for w in stream.finish())

    threads = [threading.Thread(target=run, args=(side,)) for side in said]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == said


def test_a_stream_that_is_given_up_disturbs_nobody(engine: Recogniser, voice: EspeakSynthesiser) -> None:
    """A caller hangs up in the middle of a word: the others hear on."""
    for _ in range(5):
        _feed(engine.stream(), _say(voice, "我家电视没信号")[:20_000])
    stream = engine.stream()
    _feed(stream, _say(voice, "我要报停"))
    assert "".join(w.word for w in stream.finish()) == "我要报停"


def test_a_whole_recording(engine: Recogniser, voice: EspeakSynthesiser) -> None:
    audio = _say(voice, "我要报停") + bytes(16000) + _say(voice, "太贵了")
    assert "".join(w.word for w in words_of(engine, audio)) == "我要报停太贵了"


def test_hot_words_never_harm(onnx_models: Path, voice: EspeakSynthesiser) -> None:
    """Whatever an engine does with them; a graph of ours has its words in it."""
    stream = load_recogniser(onnx_models / "streaming", ["报停", "没有这个词", ""]).stream()
    _feed(stream, _say(voice, "我要报停"))
    assert "".join(w.word for w in stream.finish()) == "我要报停"


def test_an_engine_says_which_model_hears(engine: Recogniser) -> None:
    """It is kept with what was heard."""
    assert engine.name in {"vosk-cn-catv", "wideband", "vosk-server", "streaming"}


def test_hot_words_of_a_transducer_are_spelled_in_its_tokens(tmp_path: Path) -> None:
    (tmp_path / "tokens.txt").write_text("<blk> 0\n报 1\n停 2\n", encoding="utf-8")
    model = SherpaModel(tmp_path, "transducer")
    given = boosting(model, ["报停", "停报", "报停", "宽带", ""])
    assert given["decoding_method"] == "modified_beam_search"
    assert Path(given["hotwords_file"]).read_text(encoding="utf-8") == "报停\n停报\n"
    assert boosting(model, ["宽带"]) == {}


# -- models in folders ---------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "why"), [
    (lambda f: (f / "model.onnx").unlink(), "no sherpa-onnx model"), (lambda f: (f / "sherpa.json").write_text("{"), "cannot read"),
    (lambda f: (f / "sherpa.json").write_text('{"kind": "ctc", "speed": 3}'), "speed"),
    (lambda f: (f / "sherpa.json").write_text('{"kind": "offline-ctc"}'), "whole utterances only"),
    (lambda f: (f / "sherpa.json").unlink(), "cannot be told from its name")])
def test_a_broken_onnx_folder_says_what_is_wrong(onnx_models: Path, tmp_path: Path, change: Any, why: str) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(onnx_models / "streaming", folder)
    change(folder)
    with pytest.raises(SpeechModelError, match=why):
        SherpaRecogniser(folder)


def test_the_makers_folders_are_told_apart(tmp_path: Path) -> None:
    for name, files, kind in (
        ("sherpa-onnx-streaming-zipformer-x", "encoder-1.onnx decoder-1.onnx joiner-1.int8.onnx joiner-1.onnx", "transducer"),
        ("sherpa-onnx-streaming-paraformer-x", "encoder.int8.onnx decoder.int8.onnx", "paraformer"),
        ("sherpa-onnx-sense-voice-x", "model.int8.onnx model.onnx", "sense-voice"),
        ("sherpa-onnx-paraformer-zh-x", "model.int8.onnx", "offline-paraformer"),
        ("sherpa-onnx-streaming-zipformer-ctc-x", "model.onnx", "ctc"), ("sherpa-onnx-zipformer-ctc-x", "model.onnx", "offline-ctc"),
    ):
        folder = tmp_path / name
        folder.mkdir()
        for file in [*files.split(), "tokens.txt"]:
            (folder / file).write_text("x")
        model = describe(folder)
        assert model.kind == kind and model.file(files.split("-")[0].split(".")[0][:5]).endswith(".onnx")
        assert (".int8." in model.file(files.split()[-1][:5])) == (".int8." in files)


# -- what a server can do wrong -----------------------------------------------------------------


@pytest.mark.parametrize("mode", ["--stall", "--rubbish"])
def test_a_server_that_stalls_or_talks_rubbish(mode: str) -> None:
    bad = VoskServer(mode)
    try:
        stream = RemoteRecogniser(bad.url).stream()
        began = time.monotonic()
        with pytest.raises(RemoteError):
            stream.feed(bytes(1600))
        assert time.monotonic() - began < 8, "nobody waits for it long"
    finally:
        bad.stop()


def _hear(hearing: PatientHearing, audio: bytes, first: int) -> list[Partial | Pause | Final | RecognitionGap]:
    found: list[Partial | Pause | Final | RecognitionGap] = []
    for at in range(0, len(audio) - len(audio) % FRAME_BYTES, 5 * FRAME_BYTES):
        found += hearing.feed(first + at // FRAME_BYTES, audio[at : at + 5 * FRAME_BYTES])
    return found


def _finals(heard: list[Partial | Pause | Final | RecognitionGap]) -> list[str]:
    return ["".join(w.word for w in h.words) for h in heard if isinstance(h, Final)]


def test_a_leg_goes_deaf_for_a_while_and_hears_again(voice: EspeakSynthesiser) -> None:
    """The server dies in a call and comes back: the gap is told once, the frames go on."""
    server = VoskServer()
    hearing = PatientHearing(RemoteRecogniser(server.url), 0)
    audio = _say(voice, "我要报停") + bytes(16000)
    frames = len(audio) // FRAME_BYTES // 5 * 5
    audio = audio[: frames * FRAME_BYTES]
    assert _finals(_hear(hearing, audio, 0)) == ["我要报停"]
    server.stop()
    heard = _hear(hearing, audio, frames)
    gaps = [h for h in heard if isinstance(h, RecognitionGap)]
    assert len(gaps) == 1 and gaps[0].until_frame > hearing.frame - frames and _finals(heard) == []
    assert hearing.safe_frame == hearing.frame == 2 * frames
    assert hearing.flush() is None
    server.start()
    try:
        quiet = bytes(FRAME_BYTES * (max(0, gaps[0].until_frame - hearing.frame) // 5 * 5 + 5))
        _hear(hearing, quiet, hearing.frame)
        assert _finals(_hear(hearing, audio, hearing.frame)) == ["我要报停"]
    finally:
        server.stop()


class _Throwing:
    """An engine that fails in whatever way it likes."""

    name = "throwing"

    def stream(self) -> RecogniserStream:
        raise MemoryError("no room")


def test_an_engine_that_throws_waits_longer_each_time() -> None:
    hearing = PatientHearing(_Throwing(), 0)
    told = [h for h in _hear(hearing, bytes(FRAME_BYTES * 50 * 60), 0) if isinstance(h, RecognitionGap)]
    waits = [b.until_frame - a.until_frame for a, b in zip(told, told[1:], strict=False)]
    assert 3 <= len(told) <= 6 and waits == sorted(waits)
    assert hearing.frame == 50 * 60 and hearing.quiet_ms == 0


@pytest.mark.parametrize(("name", "text", "why"), [
    ("conf/mfcc.conf", "--sample-frequency=4000\n", "is for 4000 Hz"), ("graph/words.txt", "<eps> 0\nhello 1\nworld 2\n", "another language")])
def test_a_model_of_another_rate_or_language_is_refused(tmp_path: Path, name: str, text: str, why: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(EMBEDDED_MODEL, folder)
    (folder / name).write_text(text)
    with pytest.raises(SpeechModelError, match=why):
        VoskRecogniser(folder)
