"""Two passes: a streaming engine for partials, a whole-utterance model that rewrites each final."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from pathlib import Path
from typing import Any, Protocol

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
from app.media.g711 import RATE_HZ
from app.media.resample import Upsampler
from app.service.ports import Recogniser, RecogniserStream, Word

log = logging.getLogger(__name__)

#: A rewriting that takes longer is not waited for: the first pass's words stand.
REWRITE_WITHIN_S = 0.3
#: Longer utterances keep the first pass's words: the second would be late.
LONGEST_S = 30.0
_WORKERS = 2


class Rewriter(Protocol):
    """Words of a whole utterance at 8000 Hz. Blocking."""

    def words(self, pcm16: bytes) -> Sequence[Word]: ...


class SherpaRewriter:
    """A whole-utterance model of sherpa-onnx. Raises SpeechModelError."""

    def __init__(self, folder: Path) -> None:
        self.model = describe(folder)
        if self.model.streaming:
            raise SpeechModelError(f"{folder.name} is a streaming model: use it as the first one")
        self._table = read_words(self.model)
        try:
            self._recogniser = _offline(load_library(), self.model)
        except (RuntimeError, ValueError, OSError) as error:
            raise SpeechModelError(
                f"sherpa-onnx cannot load the model in {folder}: {error}"
            ) from None

    def words(self, pcm16: bytes) -> Sequence[Word]:
        model = self.model
        if model.rate_hz != RATE_HZ:
            pcm16 = Upsampler(model.rate_hz).feed(pcm16 + bytes(RATE_HZ // 10))
        stream = self._recogniser.create_stream()
        stream.accept_waveform(model.rate_hz, samples_of(pcm16))
        self._recogniser.decode_stream(stream)
        said = stream.result
        result = {"timestamps": said.timestamps, "tokens": said.tokens, "words": said.words,
                  "ys_log_probs": said.ys_log_probs}  # fmt: skip
        return words_of_result(result, self._table, model.time_scale)


class TwoPassRecogniser:
    """Implements Recogniser. Where the second pass fails or is late the first one's words stand."""

    def __init__(
        self, first: Recogniser, second: Rewriter, within_s: float = REWRITE_WITHIN_S
    ) -> None:
        self._first, self._second, self._within_s = first, second, within_s
        self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="second pass")
        #: Finals that the second pass has rewritten, and those that it could not in time.
        self.rewritten = self.late = 0

    def stream(self) -> "TwoPassStream":
        return TwoPassStream(self, self._first.stream())

    def rewrite(self, pcm16: bytes, first: Sequence[Word]) -> Sequence[Word]:
        """Return the second pass's words, or ``first`` if they are late, empty or failed."""
        job: Future[Sequence[Word]] = self._workers.submit(self._second.words, pcm16)
        try:
            second = job.result(self._within_s)
        except LateError:
            job.cancel()
            self.late += 1
            return first
        except Exception as error:
            log.warning("the second pass failed: %s", type(error).__name__)
            return first
        self.rewritten += 1
        return second or first

    def close(self) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)


class TwoPassStream:
    """One side of one call: keeps the utterance's audio for the second pass."""

    def __init__(self, passes: TwoPassRecogniser, first: RecogniserStream) -> None:
        self._passes, self._first = passes, first
        self._audio = bytearray()

    def feed(self, pcm16: bytes) -> str:
        if len(self._audio) <= LONGEST_S * RATE_HZ * 2:
            self._audio += pcm16
        return self._first.feed(pcm16)

    def finish(self) -> Sequence[Word]:
        audio, self._audio = bytes(self._audio), bytearray()
        first = self._first.finish()
        if not first or len(audio) > LONGEST_S * RATE_HZ * 2:
            return first
        return self._passes.rewrite(audio, first)


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
