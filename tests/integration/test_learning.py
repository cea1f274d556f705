"""A night of learning with the real embedded model: what several callers said is heard by the first pass afterwards."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pypinyin import lazy_pinyin

from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.speech.asr_whisper import Whisper
from app.adapters.voice.recordings import load_recordings
from app.bootstrap.store import Store, open_store
from app.domain.knowledge.learning_verdict import BETTER_BY
from app.language.texts.spoken_texts import spoken
from app.media.g711 import PCMU, decode
from app.service.calls.hearing import words_of
from app.service.calls.records import Call, Utterance
from app.service.knowledge.records import LearningRun
from app.settings import EMBEDDED_MODEL, Settings
from tests.conftest import ROOT
from tests.support import engines
from tests.support.models import WHISPER, needs_whisper
from tests.support.stored_calls import Listeners, Said, call_ids, keep_call

pytestmark = needs_whisper
ESTATE = "锦绣澜庭"
SENTENCES = (f"我家住在{ESTATE}电视没信号", f"{ESTATE}的宽带断了", f"你好我是{ESTATE}的我要报停")
CALLERS = ("zm_yunxi", "zf_xiaobei", "zf_xiaoxiao")
NEW_SENTENCE = f"我们{ESTATE}都看不了电视"
#: Kokoro's voices, mu-law at 8000 Hz; the stranger (zm_yunyang) is none of the callers.
SOUNDS = ROOT / "tests" / "data" / "estate"


def sound(name: str) -> bytes:
    return decode(PCMU, (SOUNDS / f"{name}.ulaw").read_bytes())


def ordinary() -> list[Said]:
    """What the simulator's callers and agents say, recorded in two voices: more than 200 characters."""
    packs = [load_recordings(f"{voice}-scenarios") for voice in ("zm_yunxi", "zf_xiaobei")]
    return [Said(each.text, pack.pcm16(each.text) or b"") for pack in packs for each in pack if len(spoken(each.text)) >= 6]


@pytest.fixture(scope="module")
def callers() -> "list[list[Said]]":
    """What each of three callers says about the new estate."""
    return [[Said(text, sound(f"{voice}-{number}")) for number, text in enumerate(SENTENCES)] for voice in CALLERS]


@pytest.fixture(scope="module")
def listeners() -> Listeners:
    return Listeners(VoskRecogniser(EMBEDDED_MODEL), Whisper(WHISPER))


def told(home: Path, *arguments: str) -> str:
    engines.lend(home)
    done = subprocess.run(
        [sys.executable, "-m", "app", "model", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
        env={**os.environ, "HOLDLINE_HOME": str(home), "HOLDLINE_LEARN": "true", "HOLDLINE_DATABASE_URL": ""},
    )
    engines.keep(home)
    assert done.returncode == 0, done.stderr
    return done.stdout


def store_of(home: Path) -> Store:
    return open_store(Settings(home=home, database_url=""))


def last_run(home: Path) -> LearningRun:
    with store_of(home).reads() as reads:
        return reads.find(LearningRun)[-1]


def first_pass(home: Path, pcm16: bytes) -> str:
    """As the next call is heard, in this process: by the model in use."""
    model = Path((home / "current-model").read_text().splitlines()[0])
    return "".join(word.word for word in words_of(VoskRecogniser(model), pcm16))


def stored_night(home: Path, callers: "list[list[Said]]", hear: Listeners) -> None:
    """Three callers with the estate; one of their calls and one of ordinary sentences were corrected."""
    store = store_of(home)
    learned, apart = call_ids(apart=False), call_ids(apart=True)
    for number, said in enumerate(callers):
        keep_call(store, home, learned[number], f"1390000000{number}", said, hear, corrected=number == 0)
    keep_call(store, home, apart[0], "13900000009", ordinary(), hear, corrected=True)


def test_what_several_callers_say_is_heard_after_the_night(tmp_path: Path, callers: "list[list[Said]]", listeners: Listeners) -> None:
    stranger = sound("stranger")
    before = "".join(word.word for word in words_of(listeners.first, stranger))
    assert ESTATE not in before, before
    stored_night(tmp_path, callers, listeners)
    told(tmp_path, "learn", "--now")
    run = last_run(tmp_path)
    assert run.state == "used", json.dumps([run.state, run.detail, run.report], ensure_ascii=False)
    assert ESTATE in run.report["words"] and run.report["after"]["characters"] >= 200
    errors = {when: run.report[when]["wrong"] / run.report[when]["characters"] for when in ("before", "after")}
    assert errors["after"] <= errors["before"] + BETTER_BY
    assert ESTATE in first_pass(tmp_path, stranger), (before, first_pass(tmp_path, stranger))
    kept = (Path(run.model) / "learned.json").read_text(encoding="utf-8")
    assert all(sentence not in "".join(gram[:-1]) for gram in json.loads(kept)["grams"] for sentence in SENTENCES)
    assert "from the next call on" in told(tmp_path, "learn", "--back")
    assert (tmp_path / "current-model").read_text().strip() == str(EMBEDDED_MODEL) and last_run(tmp_path).state == "withdrawn"


def alike(text: str, others: "dict[str, str]") -> str:
    """The same sounds in other characters: what a recogniser makes of what it does not know."""
    return "".join(others.get(lazy_pinyin(character)[0], character) for character in text)


def test_a_poisoned_night_is_thrown_away(tmp_path: Path, callers: "list[list[Said]]", listeners: Listeners) -> None:
    """Forty callers whose calls were written down in characters that only sound alike."""
    store = store_of(tmp_path)
    stored_night(tmp_path, callers, listeners)
    others = {lazy_pinyin(c)[0]: c for c in "沃佳店诗信耗宽戴断乐停包拆击镁游新浩坎步聊号得坏太贵网速慢便移懂辽换搬嫁要办立怎摸师付尚门"}
    with store.unit_of_work() as uow:
        for number, call_id in enumerate(call_ids(apart=False)[50:90]):
            heard = keep_call_without_sound(call_id, f"138000000{number:02d}", [alike(each.text, others) for each in ordinary()])
            for record in heard:
                uow.add(record)
                uow.flush()
        uow.commit()
    told(tmp_path, "learn", "--now")
    run = last_run(tmp_path)
    assert run.state == "rejected", (run.state, run.detail, run.report)
    assert run.report["after"]["wrong"] > run.report["before"]["wrong"]
    assert not Path(run.model).exists() and not (tmp_path / "current-model").exists()


def keep_call_without_sound(call_id: str, caller: str, texts: "list[str]") -> "list[object]":
    now = datetime.now(UTC)
    call = Call(id=call_id, bridge="b", sip_call_id=call_id, caller=caller, called="96396", started_at=now, phase="ended", state_json="{}", ended_at=now)
    said = [Utterance(call_id=call_id, side="caller", start_ms=0, end_ms=250 * len(text), text=text, heard_again=True, second_clear=0.95) for text in texts]
    return [call, *said]
