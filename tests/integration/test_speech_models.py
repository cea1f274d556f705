"""Speech models: adapted to the operator's words, chosen, swapped between calls, broken ones refused."""

import functools
import hashlib
import http.server
import json
import random
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from rapidfuzz.distance import Levenshtein

from app.adapters.speech import model_download
from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_switch import (
    ModelChoice,
    SwitchingRecogniser,
    choose_model,
    chosen_model,
)
from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.speech.model_download import KnownModel, ModelError, Source, fetch_model
from app.adapters.speech.speech_process import SpeechRebuilder
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.bootstrap.store import child_environment
from app.language.texts.pronounce import PHONES, readings, syllable_phones, word_phones
from app.language.texts.spoken_texts import Values, callers_texts, number_words, spoken
from app.language.texts.trigram import Trigram
from app.service.calls.hearing import words_of
from app.service.ports import Content
from app.settings import EMBEDDED_MODEL, ROOT, Settings
from tests.support.servers import wait_for
from tests.support.sherpa_models import sherpa_models

#: Voices of espeak-ng that the embedded model was not trained with.
UNSEEN_VOICES = ("m5", "f4", "klatt3", "linda", "michael", "steph", "anika", "adam")


def _verb(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    environment = {**child_environment(Settings(home=home)), "HOLDLINE_HOME": str(home)}
    return subprocess.run([sys.executable, "-m", "app", *arguments], cwd=ROOT, env=environment, check=False,
                          capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    done = _verb(home, "model", "adapt")
    assert done.returncode == 0, done.stderr
    return home / "models" / "adapted"


def test_the_adapted_model_is_whole_and_in_use(adapted: Path) -> None:
    home = adapted.parent.parent
    listed = _verb(home, "model", "list").stdout
    assert "* adapted" in listed and "embedded" in listed and "can be fetched" in listed
    assert sum(f.stat().st_size for f in adapted.rglob("*") if f.is_file()) < 25_000_000
    assert json.loads((adapted / "holdline.json").read_text())["words"] > 14_000
    assert not adapted.with_name("adapted.part").exists()
    assert _verb(home, "model", "use", "embedded").returncode == 0
    assert "* embedded" in _verb(home, "model", "list").stdout
    for arguments, why in ((("use", "nope"), "there is no model 'nope'"), (("use",), "name the model"),
                           (("use", str(home)), "am/final.mdl is missing"), (("check", "nope"), "there is no model")):
        refused = _verb(home, "model", *arguments)
        assert refused.returncode == 1 and why in refused.stderr, refused.stderr
    assert "* embedded" in _verb(home, "model", "list").stdout, "what was refused is not used"


def test_it_hears_what_callers_of_this_operator_say(content: Content, adapted: Path) -> None:
    """Unseen voices, text that no language model holds (tests.csv): most words are right."""
    rows = [r for r in content.knowledge.tests if 5 <= len(spoken(r.text)) <= 20]
    random.Random(2).shuffle(rows)
    voices = [EspeakSynthesiser(name, 175) for name in UNSEEN_VOICES]
    recogniser = VoskRecogniser(adapted)
    wrong = total = families = 0
    for at, row in enumerate(rows[:48]):
        said = spoken(row.text)
        words = words_of(recogniser, bytes(8000) + voices[at % len(voices)].speak(said) + bytes(12000))
        heard = "".join(word.word for word in words)
        wrong += Levenshtein.distance(said, heard)
        total += len(said)
        families += content.engine.understand(heard).family == content.engine.understand(row.text).family
    assert wrong / total < 0.16, f"character error rate {wrong / total:.3f}"
    assert families / 48 > 0.85, "what is understood through audio is what is understood as text"


def test_calls_begun_keep_their_model_and_new_ones_get_the_new(adapted: Path, tmp_path: Path) -> None:
    loaded: list[Path] = []

    def load(choice: ModelChoice) -> VoskRecogniser:
        loaded.append(choice.folder)
        return VoskRecogniser(choice.folder)

    switch = SwitchingRecogniser(load, tmp_path, EMBEDDED_MODEL)
    before = switch.stream()
    assert not switch.look() and switch.choice.folder == EMBEDDED_MODEL
    choose_model(tmp_path, ModelChoice(adapted))
    assert switch.look() and switch.choice.folder == adapted.resolve() and not switch.look()
    after = switch.stream()
    for stream in (before, after):
        assert stream.feed(bytes(3200)) == "" and list(stream.finish()) == []
    broken = tmp_path / "broken"
    shutil.copytree(adapted, broken)
    (broken / "am" / "final.mdl").write_bytes(b"")
    choose_model(tmp_path, ModelChoice(broken))
    assert not switch.look() and switch.choice.folder == adapted.resolve(), "a broken model leaves the other in use"
    assert not switch.look() and loaded.count(broken.resolve()) == 1, "it is tried once"
    choose_model(tmp_path, None)
    assert switch.look() and switch.choice.folder == EMBEDDED_MODEL
    assert chosen_model(tmp_path, EMBEDDED_MODEL) == ModelChoice(EMBEDDED_MODEL)
    with pytest.raises(SpeechModelError):
        SwitchingRecogniser(load, tmp_path, tmp_path / "nothing")


def test_onnx_models_are_chosen_and_broken_ones_refused(tmp_path: Path) -> None:
    """A truncated file ends the process that loads it: never the one that serves calls."""
    onnx = sherpa_models(tmp_path / "models")
    use = functools.partial(_verb, tmp_path, "model", "use")
    done = use("streaming", "--second", "offline")
    assert done.returncode == 0 and "streaming, heard again by offline" in done.stdout, done.stderr
    listed = _verb(tmp_path, "model", "list").stdout
    assert "* streaming" in listed and "2 offline" in listed
    assert chosen_model(tmp_path, EMBEDDED_MODEL) == ModelChoice((onnx / "streaming").resolve(), (onnx / "offline").resolve())
    shutil.copytree(onnx / "streaming", onnx / "cut")
    (onnx / "cut" / "model.onnx").write_bytes((onnx / "streaming" / "model.onnx").read_bytes()[:1000])
    for arguments, why in ((("offline",), "name it with --second"), (("embedded", "--second", "streaming"), "no whole-utterance model"),
                           (("cut",), "cut is not used"), (("embedded", "--second", "nope"), "there is no model 'nope'")):
        refused = use(*arguments)
        assert refused.returncode == 1 and why in refused.stderr, refused.stderr
    assert "* streaming" in _verb(tmp_path, "model", "list").stdout


def test_a_publication_rebuilds_the_graph_in_the_background(tmp_path: Path) -> None:
    environment = {**child_environment(Settings(home=tmp_path)), "HOLDLINE_HOME": str(tmp_path)}
    wanted = [False, True]
    rebuilder = SpeechRebuilder(environment, lambda: wanted.pop(0), after_s=0.1)
    adapted = tmp_path / "models" / "adapted"
    try:
        rebuilder.published()
        wait_for(lambda: len(wanted) == 1, 10, "the first look")
        assert not adapted.exists(), "another model in use is left alone"
        rebuilder.published()
        rebuilder.published()
        wait_for(lambda: chosen_model(tmp_path, EMBEDDED_MODEL).folder == adapted.resolve(), 90, "the adapted model")
    finally:
        rebuilder.close()


class _Ranges(http.server.SimpleHTTPRequestHandler):
    """A server that can go on in the middle; it remembers what was asked."""

    asked: list[str] = []

    def do_GET(self) -> None:
        data = Path(self.translate_path(self.path)).read_bytes()
        wanted = self.headers.get("Range", "")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start:])

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """A published model: where to fetch it, and its zip."""
    (tmp_path / "web").mkdir()
    archive = tmp_path / "web" / "m.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for name in ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"):
            zipped.writestr(f"small/{name}", "x" * 70_000)
    known = KnownModel("small", hashlib.sha256(archive.read_bytes()).hexdigest(), 1, "")
    monkeypatch.setitem(model_download.KNOWN, "small", known)
    _Ranges.asked = []
    handler = functools.partial(_Ranges, directory=tmp_path / "web")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/m.zip", archive
        server.shutdown()


def test_a_download_goes_on_where_it_broke_off(published: tuple[str, Path], tmp_path: Path) -> None:
    url, archive = published
    models = tmp_path / "models"
    models.mkdir()
    (models / "small.zip.part").write_bytes(archive.read_bytes()[:200])
    said: list[str] = []
    assert (fetch_model("small", models, Source(url), said.append) / "am/final.mdl").is_file()
    assert _Ranges.asked == ["bytes=200-"] and said
    assert [p.name for p in models.iterdir()] == ["small"]
    assert fetch_model("small", models, Source(url), said.append) and "there already" in said[-1]


def test_a_file_brought_by_hand_and_a_wrong_one(published: tuple[str, Path], tmp_path: Path) -> None:
    _, archive = published
    models = tmp_path / "models"
    other = tmp_path / "other.zip"
    other.write_bytes(archive.read_bytes() + b"!")
    for file, why in ((other, "not what the makers"), (tmp_path / "gone.zip", "cannot read")):
        with pytest.raises(ModelError, match=why):
            fetch_model("small", models, Source(file=file), print)
    assert other.exists() and not list(models.iterdir())
    assert fetch_model("small", models, Source(file=archive), print).is_dir() and archive.exists()
    with pytest.raises(ModelError, match="unknown model"):
        fetch_model("nope", models, Source(), print)


def test_an_archive_without_a_published_checksum(published: tuple[str, Path], tmp_path: Path,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    """A tar of sherpa-onnx: only with a checksum of one's own, or knowingly without."""
    web = tmp_path / "web"
    (web / "pack").mkdir()
    (web / "pack" / "tokens.txt").write_text("<blk> 0\n")
    with tarfile.open(web / "p.tar.bz2", "w:bz2") as packed:
        packed.add(web / "pack", "small")
    monkeypatch.setitem(model_download.KNOWN, "small", KnownModel("small", "", 1, "", "http://nowhere/{}.tar.bz2"))
    models = tmp_path / "models"
    archive = web / "p.tar.bz2"
    with pytest.raises(ModelError, match="no checksum of small is known"):
        fetch_model("small", models, Source(file=archive), print)
    with pytest.raises(ModelError, match="is not what"):
        fetch_model("small", models, Source(file=archive, sha256="0" * 64), print)
    said: list[str] = []
    assert (fetch_model("small", models, Source(file=archive, unverified=True), said.append) / "tokens.txt").is_file()
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert digest in said[-1]
    shutil.rmtree(models)
    archive.write_bytes(archive.read_bytes()[:60])
    with pytest.raises(ModelError, match="cannot be unpacked"):
        fetch_model("small", models, Source(file=archive, unverified=True), print)
    assert not list(models.iterdir())


@pytest.mark.parametrize(("word", "phones"), [
    ("停机", "t ing j i"), ("知道", "zh ix d ao"), ("资料", "z ii l iao"), ("网", "w_ uang"), ("远", "v_ van"), ("二", "o_ er"),
    ("女", "n v"), ("绿", "l v"), ("略", "l ve")])
def test_pronunciations(word: str, phones: str) -> None:
    assert word_phones(word) == tuple(phones.split())
    assert set(phones.split()) <= set(PHONES)


def test_spellings_and_readings() -> None:
    assert word_phones("重启", {"重启": "chong2 qi3"}) == ("ch", "ong", "q", "i")
    assert len(readings("行")) >= 2 and readings("abc") == () and syllable_phones("xyz") is None


@pytest.mark.parametrize(("value", "words"), [(0, "零"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"),
                                              (110, "一百一十"), (1000, "一千"), (1005, "一千零五"), (9999, "九千九百九十九")])
def test_numbers_are_read(value: int, words: str) -> None:
    assert number_words(value) == words


def test_spoken_text_is_seeded_and_of_han_characters_only(content: Content) -> None:
    assert spoken("300兆,OK! 电话13800000000") == "三百兆电话一三八零零零零零零零零"
    values = Values(["海景花园"], ["300 兆融合"]).sample(300)
    assert values == Values(["海景花园"], ["300 兆融合"]).sample(300)
    tests = {spoken(row.text) for row in content.knowledge.tests}
    learned = set(callers_texts(content.knowledge))
    assert all(text == spoken(text) for text in (*values, *learned))
    assert len(tests & learned) <= 2, "tests are not taught"


def test_the_language_model_is_a_distribution() -> None:
    model = Trigram([["我", "要", "报停"], ["我", "要", "缴费"], ["报停"]], ["你", "我", "要", "报停", "缴费"], {"天气": 3.0, "你": 1.0}, 0.1)
    words = ["我", "要", "报停", "缴费", "你", "天气", "</s>"]
    for context in ((), ("<s>",), ("我",), ("<s>", "我"), ("我", "要"), ("要", "报停")):
        assert sum(model.probability((*context, w)) for w in words) == pytest.approx(1, abs=0.02), context
    assert model.probability(("我", "要", "报停")) > model.probability(("我", "要", "天气")) > 0
    acceptor = model.acceptor()
    assert all(0 <= a < acceptor.states and 0 <= b < acceptor.states and cost >= 0 for a, b, _, cost in acceptor.arcs)
    assert {state for state, _ in acceptor.finals}
