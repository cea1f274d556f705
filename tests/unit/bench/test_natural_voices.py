"""Which natural voices models are trained with, and which they are measured with."""

from pathlib import Path

import numpy as np
import pytest

from scripts.train_speech_model.held_out import HELD_OUT
from scripts.train_speech_model.natural_voices import WEAK, Job, held_out, voices


def _folder(path: Path, *names: str) -> Path:
    (path / "voices").mkdir()
    for name in names:
        np.zeros((510, 1, 256), np.float32).tofile(path / "voices" / f"{name}.bin")
    return path


def test_what_is_measured_with_is_not_trained_with(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "af_nova", *HELD_OUT, *WEAK)
    assert voices(folder) == ["af_nova"]
    assert held_out(folder) == HELD_OUT


def test_without_the_folders_voices_the_applications_mandarin_ones_are_left(tmp_path: Path) -> None:
    assert held_out(tmp_path) == ("zf_xiaoyi", "zm_yunyang")
    with pytest.raises(FileNotFoundError, match="no voices"):
        voices(tmp_path)


def test_a_rendering_is_kept_by_what_makes_it(tmp_path: Path) -> None:
    job = Job("你好", "zf_xiaobei", 1.0, 1)
    assert job.cached(tmp_path) == job._replace(seed=2).cached(tmp_path)
    others = (job._replace(text="您好"), job._replace(voice="zm_yunxi"), job._replace(speed=1.1))
    assert len({each.cached(tmp_path) for each in (job, *others)}) == 4
