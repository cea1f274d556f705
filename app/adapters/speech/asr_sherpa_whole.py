"""Whole-utterance models of sherpa-onnx (SenseVoice, Paraformer, CTC): a second pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import opencc

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_sherpa import (
    THREADS,
    built,
    features_of,
    load_library,
    read_words,
    samples_of,
    words_of_result,
)
from app.adapters.speech.sherpa_models import SherpaModel, describe
from app.language.texts.spoken_texts import spoken
from app.media.g711 import RATE_HZ
from app.media.resample import Upsampler
from app.service.second_pass import Reheard

#: What is heard at once; longer utterances are cut by whoever segments.
LONGEST_S = 30.0


class SherpaWhole:
    """One model in memory; one thread at a time. Raises SpeechModelError."""

    def __init__(self, folder: Path) -> None:
        self.model = describe(folder)
        if self.model.streaming:
            raise SpeechModelError(f"{folder.name} is a streaming model: use it as the first one")
        self._table = read_words(self.model)
        self._simplified = opencc.OpenCC("t2s")
        try:
            self._recogniser = _offline(load_library(), self.model)
        except (RuntimeError, ValueError, OSError) as error:
            raise SpeechModelError(
                f"sherpa-onnx cannot load the model in {folder}: {error}"
            ) from None

    def hear(self, pcm16: bytes) -> Reheard:
        """One utterance at 8000 Hz, PCM16, at most ``LONGEST_S`` of it. Blocking."""
        said = self._decoded(pcm16[: int(LONGEST_S * RATE_HZ) * 2])
        result = {"timestamps": said.timestamps, "tokens": said.tokens, "words": said.words,
                  "ys_log_probs": said.ys_log_probs}  # fmt: skip
        words = words_of_result(result, self._table, self.model.time_scale)
        text = self._simplified.convert("".join(word.word for word in words))
        return Reheard(text=spoken(text), score=_mean(said.ys_log_probs))

    def _decoded(self, pcm16: bytes) -> Any:
        rate_hz = self.model.rate_hz
        if rate_hz != RATE_HZ:
            pcm16 = Upsampler(rate_hz).feed(pcm16 + bytes(RATE_HZ // 10))
        stream = self._recogniser.create_stream()
        stream.accept_waveform(rate_hz, samples_of(pcm16))
        self._recogniser.decode_stream(stream)
        return stream.result


def _mean(log_probabilities: Sequence[float]) -> float:
    """0 where an engine gives none: it says nothing, so it stops nothing."""
    return sum(log_probabilities) / len(log_probabilities) if log_probabilities else 0.0


def _offline(library: Any, model: SherpaModel) -> Any:
    tokens = str(model.folder / "tokens.txt")
    common = {"num_threads": THREADS, "sample_rate": model.rate_hz, "feature_dim": model.bands}
    if model.kind == "sense-voice":
        return library.OfflineRecognizer.from_sense_voice(
            model=model.file("model"), tokens=tokens, language="zh", use_itn=False, **common
        )
    if model.kind == "offline-paraformer":
        return library.OfflineRecognizer.from_paraformer(
            paraformer=model.file("model"), tokens=tokens, **common
        )
    return _offline_ctc(library, model, tokens)


def _offline_ctc(library: Any, model: SherpaModel, tokens: str) -> Any:
    parts = library.offline_recognizer
    config = parts.OfflineRecognizerConfig(
        feat_config=features_of(parts, model),
        model_config=parts.OfflineModelConfig(
            zipformer_ctc=parts.OfflineZipformerCtcModelConfig(model=model.file("model")),
            tokens=tokens, num_threads=THREADS, debug=False, provider="cpu",
        ),
        ctc_fst_decoder_config=parts.OfflineCtcFstDecoderConfig(graph=model.optional("graph.fst")),
        decoding_method="greedy_search",
    )  # fmt: skip
    return built(library.OfflineRecognizer, parts, config)
