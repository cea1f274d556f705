"""Offline recognition with vosk; its decoder releases the interpreter lock."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import vosk

from app.adapters.speech.asr_errors import SpeechModelError
from app.language.understanding.sound import is_han
from app.media.g711 import RATE_HZ
from app.media.resample import Upsampler
from app.service.ports import Word

_SAMPLE_RATE = re.compile(r"--sample-frequency=([0-9.]+)")
#: Kaldi's own default, where a model does not say.
_KALDI_DEFAULT_HZ, _HIGHEST_HZ = 16_000, 48_000
_WORDS_SEEN = 5000
_NEEDED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")


def check_model(folder: Path) -> None:
    """Raise SpeechModelError where a vosk model cannot be in this folder."""
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    if missing:
        raise SpeechModelError(
            f"no speech model in {folder} ({missing[0]} is missing): unset HOLDLINE_SPEECH_MODEL to"
            " use the embedded one, or fetch one with 'holdline model fetch'"
        )
    empty = [name for name in _NEEDED if (folder / name).stat().st_size == 0]
    if empty:
        raise SpeechModelError(
            f"the speech model in {folder} is broken ({empty[0]} is empty): copy it again, or unset"
            " HOLDLINE_SPEECH_MODEL to use the embedded one"
        )


def model_rate(folder: Path) -> int:
    """The sample rate that a model expects. Raises SpeechModelError for an impossible one."""
    found = _SAMPLE_RATE.search((folder / "conf/mfcc.conf").read_text(encoding="utf-8"))
    rate = int(float(found[1])) if found else _KALDI_DEFAULT_HZ
    if not RATE_HZ <= rate <= _HIGHEST_HZ:
        raise SpeechModelError(
            f"the speech model in {folder} is for {rate} Hz: expected {RATE_HZ} to {_HIGHEST_HZ}"
        )
    return rate


def check_language(folder: Path) -> None:
    """Raise SpeechModelError for a model whose words are not Chinese (where it lists them)."""
    try:
        words = (folder / "graph/words.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    listed = [
        line.split(maxsplit=1)[0] for line in words.splitlines()[:_WORDS_SEEN] if line.strip()
    ]
    chinese = sum(any(map(is_han, word)) for word in listed)
    if listed and chinese < len(listed) / 4:
        raise SpeechModelError(
            f"the speech model in {folder} is of another language ({listed[len(listed) // 2]!r} is"
            " among its words): a Mandarin model is needed, such as 'holdline model fetch' brings"
        )


class VoskRecogniser:
    """One loaded model, shared by all streams; ``rate_hz`` is the model's, the line has 8000."""

    def __init__(self, folder: Path) -> None:
        check_model(folder)
        check_language(folder)
        self.name, self.rate_hz = folder.name, model_rate(folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:
            raise SpeechModelError(
                f"vosk cannot load the model in {folder}: copy it again, or unset"
                " HOLDLINE_SPEECH_MODEL to use the embedded one"
            ) from error

    def stream(self) -> "VoskStream":
        return VoskStream(self._model, self.rate_hz)


class VoskStream:
    """One side of one call. Word times of vosk run on over segments; here they begin anew."""

    def __init__(self, model: vosk.Model, rate_hz: int) -> None:
        self._recogniser = vosk.KaldiRecognizer(model, rate_hz)
        self._upsampler = Upsampler(rate_hz) if rate_hz != RATE_HZ else None
        self._recogniser.SetWords(True)
        self._fed_samples = 0
        self._segment_start_s = 0.0
        self._words: list[Word] = []

    def feed(self, pcm16: bytes) -> str:
        self._fed_samples += len(pcm16) // 2
        given = self._upsampler.feed(pcm16) if self._upsampler is not None else pcm16
        if self._recogniser.AcceptWaveform(given):
            self._take(self._recogniser.Result())
            return _join(self._words)
        partial = str(json.loads(self._recogniser.PartialResult())["partial"])
        return _join(self._words) + partial.replace(" ", "")

    def finish(self) -> Sequence[Word]:
        self._take(self._recogniser.FinalResult())
        words, self._words = self._words, []
        self._segment_start_s = self._fed_samples / RATE_HZ
        return words

    def _take(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            start = max(0.0, float(word["start"]) - self._segment_start_s)
            end = max(start, float(word["end"]) - self._segment_start_s)
            self._words.append(Word(str(word["word"]), start, end, float(word["conf"])))


def _join(words: Sequence[Word]) -> str:
    return "".join(word.word for word in words)
