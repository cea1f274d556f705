"""The robot's natural voice: what is recorded covers what is said, figures are spliced, faults are passed over."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.adapters.knowledge.content_files import load_said, read_files
from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.kept_voice import KeptVoice, keep, kept, kept_path
from app.adapters.voice.kokoro_text import chunks, phones_of
from app.adapters.voice.kokoro_voices import style_of, voice_names
from app.adapters.voice.natural_voice import NaturalVoice
from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.recordings import (
    Recordings,
    RecordingsError,
    load_recordings,
    save_recordings,
)
from app.adapters.voice.robot_voice import SLOWLY, RobotVoice
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.adapters.voice.tts_kokoro import ROBOT_VOICE, KokoroSynthesiser
from app.bootstrap.simulator_voices import AGENT, CALLER, pack_name
from app.language.knowledge.files import parse
from app.language.texts.read_aloud import in_words
from app.language.texts.splicing import as_recorded, recording_id, spliced
from app.media.g711 import PCMU, RATE_HZ, encode
from app.media.joints import CONTEXT, Piece, put_together
from app.media.loudness import LOUDNESS_RMS
from app.media.pace import at_pace
from app.service.robot.house import BILL
from app.service.robot.sentences import Texts, fixed_sentences, templates
from app.simulator.cast import load_scenarios
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def texts() -> Texts:
    said, knowledge = load_said(ROOT), parse(read_files(ROOT / "faq"))
    return Texts(prompts=said.prompts, dialogs=said.dialogs, faults=said.faults, offers=said.offers, entries=knowledge.entries)


@pytest.fixture(scope="module")
def shipped() -> NaturalVoice:
    found = NaturalVoice.shipped(ROBOT_VOICE)
    assert found is not None
    return found


def _tone(hz: float, seconds: float) -> bytes:
    return (np.sin(np.arange(int(RATE_HZ * seconds)) * 2 * np.pi * hz / RATE_HZ) * 3000).astype("<i2").tobytes()


def _samples(pcm16: bytes) -> np.ndarray:
    return np.frombuffer(pcm16, "<i2").astype(np.float64)


# -- texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "words"), [
    ("每月24.5元", "每月二十四点五元"), ("2026年3月15日", "二零二六年三月十五日"), ("海景花园9栋1803", "海景花园九栋一八零三"),
    ("单号0012", "单号零零一二"), ("一共12345元", "一共一万二千三百四十五元"), ("100015元", "十万零一十五元"), ("110000元", "十一万元"), ("0.5元", "零点五元"),
    ("13800000000", "幺三八零零零零零零零零"), ("300 兆", "三百 兆"), ("123456789元", "一二三四五六七八九元"),
])
def test_no_figure_is_left(text: str, words: str) -> None:
    assert in_words(text) == words == in_words(words)


def test_a_recording_is_named_by_what_is_spoken() -> None:
    assert recording_id("您家是9栋901，对吗？") == recording_id("您家是九栋九零一, 对吗?") != recording_id("您家是九栋九零二，对吗？")
    assert as_recorded("好的！请说：“报停”；谢谢、再见。") == "好的。请说，报停，谢谢，再见。"


PIECES = ("您家是", "对吗？", "九", "栋", "九零", "一，", "一", "每月", "二十四", "元，", "元")


@pytest.mark.parametrize(("text", "parts"), [
    ("您家是九栋九零一，对吗？", ["您家是", "九", "栋", "九零", "一，", "对吗？"]),
    ("您家是金沙湾九栋一，对吗？", ["您家是", "?金沙湾", "九", "栋", "一，", "对吗？"]),
    ("每月二十四元。", ["每月", "二十四", "元", "。"]), ("停电了", ["?停电了"]), ("", []), ("。", ["。"]),
])
def test_a_sentence_in_the_fewest_pieces(text: str, parts: list[str]) -> None:
    assert ["?" * (not part.recorded) + part.text for part in spliced(text, PIECES)] == parts


def test_long_texts_are_cut_at_marks_and_letters_are_spelt() -> None:
    found = chunks("我们一起去看电影，" * 40, lambda text: text, most=100)
    assert "".join(found) == "我们一起去看电影，" * 40 and all(len(part) <= 100 and part.endswith("，") for part in found)
    assert all(len(part) <= 100 for part in chunks("好" * 1000, lambda text: text * 8, most=100))
    assert chunks("。\n", lambda text: "", most=10) in ([], [""])
    assert phones_of("选HD吗", lambda text: f"<{text}>") == "<选> ˈAʧ dˈi <吗>"


# -- sound ---------------------------------------------------------------------------------------


def test_pieces_in_one_phrase_are_faded_over_and_pauses_are_kept() -> None:
    steady = np.full(RATE_HZ, 1000, "<i2").tobytes()
    line = _samples(put_together([Piece(pcm16=steady), Piece(pcm16=steady)]))
    assert len(line) == 2 * RATE_HZ - 2 * CONTEXT
    assert np.abs(line[2 * CONTEXT : -2 * CONTEXT] - 1000).max() <= 2, "where they meet both add up"
    assert abs(line[0]) < 50 and abs(line[-1]) < 50, "no click at the edges"
    paused = _samples(put_together([Piece(pcm16=steady, pause_ms=200), Piece(pcm16=steady)]))
    assert len(paused) == 2 * RATE_HZ + RATE_HZ // 5 and not paused[RATE_HZ : RATE_HZ + RATE_HZ // 5].any()
    assert put_together([]) == b"" and len(put_together([Piece(pcm16=bytes(20)), Piece(pcm16=steady)])) // 2 <= RATE_HZ + 10


@pytest.mark.parametrize("speed", [0.6, 0.8, 1.25])
def test_a_slower_voice_is_longer_and_not_deeper(speed: float) -> None:
    slow = _samples(at_pace(_tone(440, 2), speed))
    assert abs(len(slow) / RATE_HZ - 2 / speed) < 0.01
    middle = slow[2000:-2000]
    peak = np.abs(np.fft.rfft(middle * np.hanning(len(middle)))).argmax() * RATE_HZ / len(middle)
    assert abs(peak - 440) < 2
    level = np.sqrt((middle**2).mean()) / (3000 / np.sqrt(2))
    assert 0.9 < level < 1.1
    assert at_pace(b"", speed) == b"" and at_pace(bytes(100), speed) == bytes(100)
    with pytest.raises(ValueError, match="pace"):
        at_pace(b"", 3)


# -- what is shipped -----------------------------------------------------------------------------


def test_every_fixed_sentence_of_the_demo_is_recorded(texts: Texts) -> None:
    recordings = load_recordings(f"{ROBOT_VOICE}-sentences")
    sentences = fixed_sentences(texts)
    assert len(sentences) > 200
    assert [text for text in sentences if text not in recordings] == [], "run scripts/render_voice"
    said = {recording_id(text) for text in sentences}
    assert [each.text for each in recordings if each.id not in said] == [], "no longer said: run scripts/render_voice"
    for text in sentences:
        samples = _samples(recordings.pcm16(text) or b"")
        syllables = len(as_recorded(text).translate(dict.fromkeys(map(ord, "，。？"))))
        assert 0.1 * syllables < len(samples) / RATE_HZ < 0.6 * syllables + 1, text
        loud = samples[np.abs(samples) > 100]
        assert 0.7 < np.sqrt((loud**2).mean()) / LOUDNESS_RMS < 1.1, text


def test_what_the_simulator_says_is_recorded() -> None:
    for side, voice in (("caller", CALLER), ("agent", AGENT)):
        pack = load_recordings(pack_name(voice))
        said = [turn.what for scenario in load_scenarios().values() for turn in scenario.turns if turn.who == side]
        assert said and [text for text in said if text not in pack] == []


FIGURES = {"value": "文庙里17栋1803", "number": "零零四七", "offer": "61.6", "current": "88", "saved": "1316.8", "plan": "300 兆融合", "price": "159",
           "until": "2027年11月30日", "owes": "欠费24元"}


def test_every_sentence_with_figures_is_put_together_whole(texts: Texts, shipped: NaturalVoice) -> None:
    known = [t for t in templates(texts) if "{bill}" not in t and "{text}" not in t] + [f"查到了，{BILL}。"]
    assert len(known) > 12
    for template in known:
        text = template.format_map(FIGURES)
        assert shipped.whole(text) is not None, (text, [p.text for p in spliced(as_recorded(text), shipped._names) if not p.recorded])


@pytest.mark.parametrize("number", ["幺三八，零零零零，零零零幺", "幺九七，二六四五，八三九零", "五五六，四四三九", "六二零，七七八幺"])
def test_any_telephone_number_is_read_back(number: str, shipped: NaturalVoice) -> None:
    heard = shipped.whole(f"您的电话是{number}，对吗？")
    assert heard is not None and len(heard) / 2 / RATE_HZ > 0.2 * len(number)
    samples = _samples(heard)
    assert np.abs(np.diff(samples)).max() < 30000 and abs(samples[0]) < 300 and abs(samples[-1]) < 300


def test_a_strange_name_is_said_by_the_other_voice_within_the_sentence(shipped: NaturalVoice, voice: EspeakSynthesiser) -> None:
    asked: list[str] = []

    def spare(text: str) -> bytes:
        asked.append(text)
        return voice.speak(text)

    heard = shipped.with_help("您家地址是翡翠城9栋901，对吗？", spare)
    assert asked == ["翡翠城"] and len(heard) > 2 * RATE_HZ * 2
    strange = "明天全城停水停气请大家提前做好准备"
    assert len(shipped.with_help(strange, spare)) > RATE_HZ and asked[1:] == [strange], "not two voices in turns"


def test_eight_voices_and_their_blends() -> None:
    assert len(voice_names()) == 8 and ROBOT_VOICE in voice_names()
    one, other, blend = (style_of(name).astype(float) for name in ("zf_xiaoxiao", "zm_yunjian", "zf_xiaoxiao+zm_yunjian"))
    assert np.abs(blend - (one + other) / 2).max() < 0.01 and np.abs(one - other).max() > 0.1
    for name in ("zf_nobody", "", "zf_xiaoxiao+", "../zf_xiaoxiao"):
        with pytest.raises(SpeechModelError, match="there are zf_xiaobei"):
            style_of(name)


# -- faults --------------------------------------------------------------------------------------


def _pack(folder: Path) -> Path:
    save_recordings("v-sentences", {"您好。": encode(PCMU, _tone(300, 0.5)), "再见。": encode(PCMU, _tone(500, 0.25))}, folder)
    return folder


def test_a_pack_is_read_back(tmp_path: Path) -> None:
    pack = load_recordings("v-sentences", _pack(tmp_path))
    assert len(pack.pcm16("您好!") or b"") == RATE_HZ and pack.pcm16("再见") is None and pack.pcm16("嗯") is None
    before = (tmp_path / "v-sentences.ulaw").read_bytes()
    save_recordings("v-sentences", {each.text: pack.sound(each) for each in reversed(list(pack))}, tmp_path)
    assert (tmp_path / "v-sentences.ulaw").read_bytes() == before


@pytest.mark.parametrize("fault", ["missing", "cut", "foreign", "no index", "no json", "no digest"])
def test_a_broken_pack_is_told(tmp_path: Path, fault: str) -> None:
    sound, index = _pack(tmp_path) / "v-sentences.ulaw", tmp_path / "v-sentences.jsonl"
    whole = sound.read_bytes()
    changes: dict[str, Callable[[], object]] = {
        "missing": sound.unlink, "cut": lambda: sound.write_bytes(whole[:-1]), "foreign": lambda: sound.write_bytes(whole[::-1]),
        "no index": index.unlink, "no json": lambda: index.write_text("x\n"), "no digest": lambda: index.write_text("{}\n"),
    }
    changes[fault]()
    with pytest.raises(RecordingsError, match="v-sentences"):
        load_recordings("v-sentences", tmp_path)


@pytest.mark.parametrize("change", [{"id": "0" * 24}, {"text": "别的"}, {"at": 10**9}, {"at": -1}, {"bytes": 0}, {"more": 1}, {"at": "x"}])
def test_a_wrong_line_of_the_index_is_passed_over(tmp_path: Path, change: dict[str, object], caplog: pytest.LogCaptureFixture) -> None:
    index = _pack(tmp_path) / "v-sentences.jsonl"
    head, first, second = index.read_text().splitlines()
    index.write_text("\n".join([head, json.dumps(json.loads(first) | change), second]))
    pack = load_recordings("v-sentences", tmp_path)
    kept_text = json.loads(second)["text"]
    assert [each.text for each in pack] == [kept_text] and "passed over" in caplog.text


def test_a_full_disk_costs_the_keeping_not_the_sentence(tmp_path: Path, voice: EspeakSynthesiser, caplog: pytest.LogCaptureFixture) -> None:
    path = kept_path(tmp_path, "", "您好")
    path.with_suffix(".part").symlink_to("/dev/full")
    speaking = KeptVoice(voice, tmp_path)
    assert len(speaking.speak("您好")) > RATE_HZ // 2 and not path.exists() and "not kept" in caplog.text
    assert not path.with_suffix(".part").exists(), "nothing half written is left"
    assert speaking.speak("您好") == kept(path)
    path.write_bytes(b"RIFF")
    assert kept(path) is None and len(speaking.speak("您好")) > RATE_HZ // 2


def test_without_its_model_the_natural_voice_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SpeechModelError, match="holdline model fetch kokoro-82m"):
        KokoroSynthesiser(tmp_path)
    (tmp_path / "vocab.json").write_text("[]")
    with pytest.raises(SpeechModelError, match="broken"):
        KokoroSynthesiser(tmp_path)
    with pytest.raises(SpeechModelError, match="no voice"):
        KokoroSynthesiser(tmp_path, "nobody")


# -- together ------------------------------------------------------------------------------------


def test_a_new_sentence_is_said_at_once_and_natural_the_next_time(tmp_path: Path, voice: EspeakSynthesiser, shipped: NaturalVoice) -> None:
    asked: list[tuple[str, Path]] = []

    def later(text: str, path: Path, voice: str) -> None:
        asked.append((text, path))

    robot = RobotVoice(shipped, KeptVoice(voice, tmp_path / "spare"), tmp_path / "kept", later=later)
    text = "明天上午全城停水三小时请提前准备"
    assert len(robot.speak(text)) > RATE_HZ and [each[0] for each in asked] == [as_recorded(text)]
    made = _tone(300, 1)
    keep(asked[0][1], made)
    assert robot.speak(text) == made and len(asked) == 1
    assert abs(len(robot.speak(text, slow=True)) * SLOWLY / len(made) - 1) < 0.02
    robot.speak("还想了解别的吗？")
    assert len(asked) == 1, "what is recorded is not asked for"


def test_the_operators_own_recording_comes_first(tmp_path: Path, voice: EspeakSynthesiser, shipped: NaturalVoice) -> None:
    robot = RobotVoice(shipped, KeptVoice(voice, tmp_path / "spare"), tmp_path / "kept")
    cache = PromptCache(voice, {"thanks": "您的留言已经收到，我们会尽快回电，再见。"}, tmp_path, tmp_path / "kept", natural=robot)
    assert cache.pcm16("thanks") == shipped.whole("您的留言已经收到，我们会尽快回电，再见。")
    assert cache.speech("还想了解别的吗？") == shipped.whole("还想了解别的吗？")


def test_recordings_of_the_demo_are_small() -> None:
    packs = [load_recordings(f"{ROBOT_VOICE}-{kind}") for kind in ("sentences", "pieces")]
    assert sum(each.bytes for pack in packs for each in pack) < 24_000_000
    assert all(isinstance(pack, Recordings) for pack in packs)
