"""What the line says: recordings before the synthetic voice, evened out, and kept on disk."""

from pathlib import Path

import numpy as np
import pytest

from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.language.texts.read_aloud import framed
from app.media import wav
from app.media.loudness import EDGE_MS


def _rms(pcm16: bytes) -> float:
    samples = np.frombuffer(pcm16, "<i2").astype(float)
    return float(np.sqrt((samples[np.abs(samples) > 100] ** 2).mean()))


def test_a_recorded_sentence_takes_the_place_of_the_voice(tmp_path: Path, voice: EspeakSynthesiser, caplog: pytest.LogCaptureFixture) -> None:
    cache = PromptCache(voice, {"welcome": "您好"}, tmp_path / "recordings", tmp_path / "cache", EspeakSynthesiser("m3", 110))
    spoken = cache.speech("您家是海景花园9栋901，对吗？")
    assert len(spoken) > 16000 and cache.speech("您家是海景花园9栋901，对吗？") == spoken
    assert len(list((tmp_path / "cache").glob("*.wav"))) == 1
    assert len(cache.speech("您好。", slow=True)) > 1.15 * len(cache.speech("您好。"))
    folder = tmp_path / "recordings" / "sentences"
    folder.mkdir(parents=True)
    quiet = (np.sin(np.arange(8000) * 0.3) * 800).astype("<i2").tobytes()
    (folder / "您家是海景花园9栋901，对吗.wav").write_bytes(wav.dump(wav.WavAudio(8000, 1, quiet)))
    heard = cache.speech("您家是海景花园9栋901，对吗？")
    assert len(heard) == len(quiet) and 0.6 < _rms(heard) / _rms(spoken) < 1.6, "no seam in loudness"
    (folder / "再见.wav").write_bytes(wav.dump(wav.WavAudio(16000, 1, quiet)))
    assert cache.speech("再见。") == cache.speech("再见。") != quiet and "passed over" in caplog.text
    assert cache.speech("../../etc/passwd"), "a name is never a path"


@pytest.mark.parametrize(("sentence", "recorded", "parts"), [
    ("您家是海景花园9栋901，对吗？", ("您家是", "对吗"), [("您家是", True), ("海景花园9栋901", False), ("对吗", True)]),
    ("您家是海景花园9栋901，对吗？", ("您家是", "您家"), [("您家是", True), ("海景花园9栋901，对吗", False)]),
    ("工单号0012。", ("工单号",), [("工单号", True), ("0012", False)]), ("再见。", ("再见", "见"), [("再见", True)]),
    ("好。", ("好",), [("好", False)]), ("。", ("好",), []), ("对吗对吗", ("对吗",), [("对吗", True), ("对吗", True)]),
])
def test_where_a_recording_ends_and_the_voice_begins(sentence: str, recorded: tuple[str, ...], parts: list[tuple[str, bool]]) -> None:
    assert framed(sentence, recorded) == parts


def test_a_spoken_figure_between_recordings_has_no_seam(tmp_path: Path, voice: EspeakSynthesiser) -> None:
    """The recordings are far too quiet, too long silent at both ends, and begin with a click."""
    folder = tmp_path / "recordings" / "sentences"
    folder.mkdir(parents=True)
    hum = (np.sin(np.arange(6000) * 0.5 + 1.5) * 700).astype("<i2").tobytes()
    for name in ("您家是", "对吗"):
        (folder / f"{name}.wav").write_bytes(wav.dump(wav.WavAudio(8000, 1, bytes(16000) + hum + bytes(16000))))
    cache = PromptCache(voice, {}, tmp_path / "recordings", tmp_path / "cache")
    value = cache.speech("海景花园9栋901")
    whole = cache.speech("您家是海景花园9栋901，对吗？")
    hummed = 2 * (len(hum) // 2 + 2 * 8 * EDGE_MS)
    assert abs(len(whole) // 2 - hummed - len(value) // 2) < 8 * 4 * EDGE_MS, "the silence around the recordings is gone"
    first, middle, last = whole[:11000], whole[len(hum) + 2000 : len(whole) - len(hum) - 2000], whole[-11000:]
    levels = [_rms(part) for part in (first, middle, last)]
    assert max(levels) / min(levels) < 1.4, levels
    samples = np.frombuffer(whole, "<i2").astype(int)
    assert abs(samples[0]) < 50 and abs(samples[-1]) < 50, "no click at the edges"
    quiet = np.abs(samples) < 300
    longest = max(len(run) for run in "".join("q" if q else " " for q in quiet).split())
    assert longest < 8 * 4 * EDGE_MS, "no hole at a joint"
