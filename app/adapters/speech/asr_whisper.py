"""Whisper over ctranslate2: the characters of one whole utterance, and how sure it is of them.

A short window (the audio and three seconds) costs a quarter of Whisper's own thirty and runs away
less often than a tight one; a decoding that does run away is done again with a penalty.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import opencc

from app.adapters.speech.asr_errors import SpeechModelError
from app.language.texts.spoken_texts import spoken
from app.media.g711 import RATE_HZ
from app.media.resample import Upsampler
from app.service.second_pass import Reheard

WHISPER_RATE_HZ: Final = 16_000
#: What is heard at once; longer utterances are cut by whoever segments.
LONGEST_S: Final = 26.0
#: A mean log probability below this was no speech: silence, tones, noise, several at once.
LEAST_SCORE: Final = -1.0
_PAD_S = 3.0
#: Whisper knows 30 s, at 10 ms a frame.
_MOST_FRAMES = 3000
_BEGIN = ("<|startoftranscript|>", "<|zh|>", "<|transcribe|>", "<|notimestamps|>")
#: About five characters a second are spoken, and a character is about one token.
_TOKENS_A_SECOND, _TOKENS_AT_LEAST = 8, 12
_RUNAWAY_A_SECOND, _RUNAWAY_TIMES = 9, 3
#: A sentence that is said again, as a share of itself; people say fewer characters a second.
_SENTENCE, _SAID_AGAIN, _SPOKEN_A_SECOND = 5, 1.6, 5
_AGAIN = {"repetition_penalty": 1.15, "no_repeat_ngram_size": 4}


class Whisper:
    """One model in memory; one thread at a time. Raises SpeechModelError for a folder without one,
    or where the libraries are not installed (HOLDLINE_LIGHT)."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        try:
            # Here: light installations leave them out, and only the worker pays for loading them.
            import ctranslate2  # noqa: PLC0415
            from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415
            from tokenizers import Tokenizer  # noqa: PLC0415
        except ImportError as error:
            raise SpeechModelError(
                f"Whisper needs packages that are not installed ({error.name}): run scripts/run"
                " without HOLDLINE_LIGHT"
            ) from None
        try:
            self._model = ctranslate2.models.Whisper(
                str(folder), device="cpu", compute_type="int8", intra_threads=threads
            )
            self._tokens: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # both libraries raise their own kinds
            raise SpeechModelError(
                f"{folder} is no Whisper model that can be loaded ({error}): remove it and run"
                " 'holdline model fetch whisper-base'"
            ) from None
        self._storage: Any = ctranslate2.StorageView
        self._features = FeatureExtractor()
        self._begin = [self._tokens.token_to_id(token) for token in _BEGIN]
        self._end = self._tokens.token_to_id("<|endoftext|>")
        self._simplified = opencc.OpenCC("t2s")

    def hear(self, pcm16: bytes) -> Reheard:
        """One utterance at 8000 Hz, PCM16, at most ``LONGEST_S`` of it. Blocking."""
        pcm16 = pcm16[: int(LONGEST_S * RATE_HZ) * 2]
        seconds = len(pcm16) / (RATE_HZ * 2)
        encoded = self._model.encode(self._storage.from_array(self._window(pcm16)))
        text, score = self._decode(encoded, seconds)
        if _runs_away(text, seconds):
            text, score = self._decode(encoded, seconds, **_AGAIN)
        if score < LEAST_SCORE or _runs_away(text, seconds):
            return Reheard(text="", score=score)
        return Reheard(text=spoken(self._simplified.convert(text)), score=score)

    def _window(self, pcm16: bytes) -> Any:
        wide = Upsampler(WHISPER_RATE_HZ).feed(pcm16 + bytes(RATE_HZ // 5))
        samples = np.frombuffer(wide, "<i2").astype(np.float32) / 32768
        samples = np.concatenate([samples, np.zeros(int(_PAD_S * WHISPER_RATE_HZ), np.float32)])
        mel = self._features(samples, padding=0)
        even = mel[:, : min(_MOST_FRAMES, mel.shape[1] // 2 * 2)]
        return np.ascontiguousarray(even[np.newaxis], dtype=np.float32)

    def _decode(self, encoded: Any, seconds: float, **how: Any) -> tuple[str, float]:
        """``max_length`` is twice the tokens wanted: ctranslate2 stops at half of it."""
        most = _TOKENS_AT_LEAST + int(seconds * _TOKENS_A_SECOND)
        [result] = self._model.generate(
            encoded, [self._begin], beam_size=1, max_length=2 * most, return_scores=True, **how
        )
        tokens = [each for each in result.sequences_ids[0] if each < self._end]
        return self._tokens.decode(tokens).strip(), result.scores[0]


def _runs_away(text: str, seconds: float) -> bool:
    """Whether a decoder repeats itself: more characters than anybody says, a piece three times
    in a row, or a whole sentence said again in no time."""
    if len(text) > _TOKENS_AT_LEAST + seconds * _RUNAWAY_A_SECOND:
        return True
    longest = len(text) // _RUNAWAY_TIMES
    return _is_said_again(text, seconds) or any(
        text[at : at + size] * _RUNAWAY_TIMES == text[at : at + size * _RUNAWAY_TIMES]
        for size in range(2, longest + 1)
        for at in range(len(text) - size * _RUNAWAY_TIMES + 1)
    )


def _is_said_again(text: str, seconds: float) -> bool:
    """Whether all of it is one sentence and most of it once more, faster than people speak: who
    does say something twice takes twice as long."""
    said = "".join(filter(str.isalnum, text))
    if len(said) <= seconds * _SPOKEN_A_SECOND:
        return False
    sizes = range(_SENTENCE, int(len(said) / _SAID_AGAIN) + 1)
    return any(said[size:] == said[:-size] for size in sizes)
