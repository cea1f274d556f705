"""Speech by a local neural voice of sherpa-onnx (extra ``holdline[sherpa]``): VITS, Matcha, Kokoro.

What kind a folder holds is told by its files, as the archives are laid out. The library ends
the process on a broken file: a voice is tried in a process of its own first (``voice_fault``).
"""

import copy
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_sherpa import load_library
from app.media.loudness import evened
from app.media.resample import to_line_rate
from app.settings import ROOT

_PCM = 32767.0
_TRIAL_S = 120
#: A sentence with figures, as they are read aloud, in the trial of a voice.
TRIAL = "您好，山海广电。"


class SherpaSynthesiser:
    """``speaker`` of a voice of several; ``speed`` above 1 is faster. Raises SpeechModelError."""

    def __init__(self, folder: Path, speaker: int = 0, speed: float = 1.0) -> None:
        library = load_library()
        self._speaker, self._speed = speaker, speed
        self._lock = threading.Lock()
        config = library.OfflineTtsConfig(model=_model(library, folder), rule_fsts=_rules(folder))
        if not config.validate():
            raise SpeechModelError(
                f"sherpa-onnx does not take the voice in {folder}: fetch it again"
            )
        try:
            self._voice = library.OfflineTts(config)
        except (RuntimeError, ValueError, OSError) as error:
            raise SpeechModelError(
                f"sherpa-onnx cannot load the voice in {folder}: {error}"
            ) from None
        if not 0 <= speaker < max(1, self._voice.num_speakers):
            raise SpeechModelError(
                f"the voice in {folder} has speakers 0 to {self._voice.num_speakers - 1}: set"
                " another HOLDLINE_VOICE_SPEAKER"
            )

    def at_speed(self, speed: float) -> "SherpaSynthesiser":
        """The same loaded voice, faster or slower."""
        other = copy.copy(self)
        other._speed = speed
        return other

    def speak(self, text: str) -> bytes:
        """PCM16 at 8000 Hz at the house's loudness. Raises SpeechModelError where nothing comes:
        a voice passes over characters that it does not know."""
        with self._lock:
            audio = self._voice.generate(text, self._speaker, self._speed)
        samples = np.clip(np.asarray(audio.samples, np.float32) * _PCM, -_PCM, _PCM)
        if not len(samples):
            raise SpeechModelError("the voice has no sound for a sentence")
        return evened(to_line_rate(samples.astype("<i2").tobytes(), int(audio.sample_rate)))


def _model(library: Any, folder: Path) -> Any:
    """The library's description of a folder. Raises SpeechModelError for one without a voice."""
    acoustic, vocoder = _one(folder, "model-steps-*.onnx"), _one(folder, "*vo*.onnx")
    parts = {"tokens": _needed(folder), "lexicon": _lexicons(folder), "data_dir": _data(folder)}
    if (folder / "voices.bin").is_file():
        kokoro = library.OfflineTtsKokoroModelConfig(
            model=_first(folder), voices=str(folder / "voices.bin"), **parts
        )
        return library.OfflineTtsModelConfig(kokoro=kokoro)
    if acoustic and vocoder:
        matcha = library.OfflineTtsMatchaModelConfig(
            acoustic_model=acoustic, vocoder=vocoder, **parts
        )
        return library.OfflineTtsModelConfig(matcha=matcha)
    vits = library.OfflineTtsVitsModelConfig(model=_first(folder), **parts)
    return library.OfflineTtsModelConfig(vits=vits)


def _needed(folder: Path) -> str:
    tokens = folder / "tokens.txt"
    if not tokens.is_file() or not any(folder.glob("*.onnx")):
        raise SpeechModelError(
            f"no voice in {folder}: expected a folder with *.onnx and tokens.txt, as sherpa-onnx's"
            " text-to-speech models come"
        )
    return str(tokens)


def _one(folder: Path, pattern: str) -> str:
    return next((str(path) for path in sorted(folder.glob(pattern))), "")


def _first(folder: Path) -> str:
    """The model; the smaller, quantised one where both are there."""
    return str(min(folder.glob("*.onnx"), key=lambda path: (".int8" not in path.name, path.name)))


def _lexicons(folder: Path) -> str:
    return ",".join(str(path) for path in sorted(folder.glob("lexicon*.txt")))


def _data(folder: Path) -> str:
    data = folder / "espeak-ng-data"
    return str(data) if data.is_dir() else ""


def _rules(folder: Path) -> str:
    """Rules that come with a voice: numbers, dates and telephone numbers in words."""
    return ",".join(str(path) for path in sorted(folder.glob("*.fst")))


def voice_fault(folder: Path, speaker: int = 0) -> str:
    """Why a voice cannot be used, tried in a process of its own; empty where it can."""
    command = [sys.executable, "-m", "app", "say", TRIAL, "--voice", str(folder), "--speaker",
               str(speaker)]  # fmt: skip
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True,  # noqa: S603
                              timeout=_TRIAL_S, check=False)  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it did not speak within {_TRIAL_S} s"
    if done.returncode == 0:
        return ""
    return done.stderr.strip().rpartition("\n")[2] or f"the library ended ({done.returncode})"
