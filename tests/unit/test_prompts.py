"""What the line says: recordings before the synthetic voice, evened out, and kept on disk."""

from pathlib import Path

import numpy as np
import pytest

from app.adapters.prompt_cache import PromptCache
from app.adapters.tts_espeak import EspeakSynthesiser
from app.media import wav


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
