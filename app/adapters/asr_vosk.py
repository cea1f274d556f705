"""Offline recognition with vosk; its decoder releases the interpreter lock."""

import json
from collections.abc import Sequence
from pathlib import Path

import vosk

from app.media.g711 import RATE_HZ
from app.service.ports import Word

_NEEDED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf")


class SpeechModelError(Exception):
    """The speech model is missing or broken; the text says what to do."""


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


class VoskRecogniser:
    """One loaded model, shared by all streams."""

    def __init__(self, folder: Path) -> None:
        check_model(folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:
            raise SpeechModelError(
                f"vosk cannot load the model in {folder}: copy it again, or unset"
                " HOLDLINE_SPEECH_MODEL to use the embedded one"
            ) from error

    def stream(self) -> "VoskStream":
        return VoskStream(self._model)


class VoskStream:
    """One side of one call. Word times of vosk run on over segments; here they begin anew."""

    def __init__(self, model: vosk.Model) -> None:
        self._recogniser = vosk.KaldiRecognizer(model, RATE_HZ)
        self._recogniser.SetWords(True)
        self._fed_samples = 0
        self._segment_start_s = 0.0
        self._words: list[Word] = []

    def feed(self, pcm16: bytes) -> str:
        self._fed_samples += len(pcm16) // 2
        if self._recogniser.AcceptWaveform(pcm16):
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
