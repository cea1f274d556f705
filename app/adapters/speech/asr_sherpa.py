"""Recognition by sherpa-onnx (extra ``holdline[sherpa]``): streaming zipformer, paraformer, CTC.

The streaming kinds are recognisers of their own. Whole-utterance kinds are a second pass over
what a streaming one heard (``asr_sherpa_whole``).
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.sherpa_models import SherpaModel, describe
from app.language.texts.pronounce import word_phones
from app.language.understanding.sound import is_han
from app.media.g711 import RATE_HZ
from app.media.resample import Upsampler
from app.service.ports import Word

#: Silence that pushes the last words out of a streaming network.
TAIL_S = 0.5
#: How long the last token of an utterance is taken to be, where nothing follows it.
LAST_TOKEN_S = 0.2
HOT_WORD_SCORE = 2.0
THREADS = 1
_PCM = 32768.0
_MAX_ACTIVE = 3000


def load_library() -> Any:
    """Import the optional package. Raises SpeechModelError if it is not installed."""
    try:
        import sherpa_onnx  # noqa: PLC0415  an optional extra
    except ImportError:
        raise SpeechModelError(
            "this model needs sherpa-onnx, which is not installed: pip install 'holdline[sherpa]'"
        ) from None
    return sherpa_onnx


def samples_of(pcm16: bytes) -> np.ndarray:
    """Convert PCM16 to the floats between -1 and 1 that the library takes."""
    return np.frombuffer(pcm16, "<i2").astype(np.float32) / _PCM


def features_of(parts: Any, model: SherpaModel) -> Any:
    """The feature computer of a model, mel range included."""
    return parts.FeatureExtractorConfig(
        sampling_rate=model.rate_hz, feature_dim=model.bands, low_freq=model.low_hz,
        high_freq=model.high_hz,
    )  # fmt: skip


def built(kind: Any, parts: Any, config: Any) -> Any:
    """A recogniser from its parts: the library's shortcuts leave out the mel range."""
    made = kind.__new__(kind)
    made.recognizer = parts._Recognizer(config)
    made.config = config
    return made


def read_words(model: SherpaModel) -> list[str]:
    """Map numbers to words of a decoding graph; empty if the model has no graph."""
    path = model.optional("words.txt")
    if not path:
        return []
    return [line.rsplit(" ", 1)[0] for line in Path(path).read_text(encoding="utf-8").splitlines()]


class SherpaRecogniser:
    """One loaded streaming model, shared by all streams. Raises SpeechModelError.

    ``hot_words`` are boosted by transducers (the library offers it for no other kind); a CTC model
    with a graph of our own has them in the graph.
    """

    def __init__(self, folder: Path, hot_words: Sequence[str] = ()) -> None:
        self.model = describe(folder)
        if not self.model.streaming:
            raise SpeechModelError(
                f"{folder.name} recognises whole utterances only: use it beside a streaming model,"
                f" 'holdline model use NAME --second {folder.name}'"
            )
        self.words = read_words(self.model)
        try:
            self._recogniser = _streaming(load_library(), self.model, hot_words)
        except (RuntimeError, ValueError, OSError) as error:
            raise SpeechModelError(
                f"sherpa-onnx cannot load the model in {folder}: {error}"
            ) from None

    @property
    def rate_hz(self) -> int:
        return self.model.rate_hz

    @property
    def name(self) -> str:
        return self.model.folder.name

    def stream(self) -> "SherpaStream":
        return SherpaStream(self._recogniser, self.model, self.words)


class SherpaStream:
    """One side of one call; an utterance is a stream of the library."""

    def __init__(self, recogniser: Any, model: SherpaModel, words: Sequence[str]) -> None:
        self._recogniser, self._model, self._words = recogniser, model, words
        self._begin()

    def _begin(self) -> None:
        self._stream: Any = None
        self._upsampler = Upsampler(self._model.rate_hz) if self._model.rate_hz != RATE_HZ else None

    def feed(self, pcm16: bytes) -> str:
        if self._stream is None:
            self._stream = self._recogniser.create_stream()
        self._accept(pcm16)
        return "".join(word.word for word in self._result())

    def finish(self) -> Sequence[Word]:
        if self._stream is None:
            return ()
        self._accept(bytes(int(TAIL_S * RATE_HZ) * 2))
        self._stream.input_finished()
        self._decode()
        words = self._result()
        self._begin()
        return words

    def _accept(self, pcm16: bytes) -> None:
        given = self._upsampler.feed(pcm16) if self._upsampler is not None else pcm16
        self._stream.accept_waveform(self._model.rate_hz, samples_of(given))
        self._decode()

    def _decode(self) -> None:
        while self._recogniser.is_ready(self._stream):
            self._recogniser.decode_stream(self._stream)

    def _result(self) -> list[Word]:
        result = json.loads(self._recogniser.get_result_as_json_string(self._stream))
        return words_of_result(result, self._words, self._model.time_scale)


def words_of_result(
    result: dict[str, Any], table: Sequence[str], time_scale: float = 1.0
) -> list[Word]:
    """Words with times and confidences of a result of the library.

    With a decoding graph the result holds the numbers of ``table``, and tokens are phones; without
    one a token is a character or a piece of a word. Where an engine gives no probabilities the
    confidence is 1: it says nothing, so it stops nothing.
    """
    times = [float(t) * time_scale for t in result.get("timestamps") or ()]
    sure = [float(np.exp(p)) for p in result.get("ys_probs") or result.get("ys_log_probs") or ()]
    numbers = result.get("words") or ()
    if table:
        spelled = [table[n] for n in numbers if 0 < n < len(table)]
        lengths = [len(word_phones(word) or ()) or 2 * len(word) for word in spelled]
    else:
        spelled = [str(token).replace("▁", "").strip() for token in result.get("tokens") or ()]
        lengths = [1] * len(spelled)
    return [word for word in _placed(spelled, lengths, times, sure) if any(map(is_han, word.word))]


def _placed(
    spelled: Sequence[str], lengths: Sequence[int], times: Sequence[float], sure: Sequence[float]
) -> list[Word]:
    made: list[Word] = []
    at = 0
    for word, length in zip(spelled, lengths, strict=True):
        start = times[min(at, len(times) - 1)] if times else 0.0
        behind = at + length
        end = times[behind] if behind < len(times) else (times[-1] if times else 0.0) + LAST_TOKEN_S
        mine = sure[at:behind]
        confidence = min(1.0, sum(mine) / len(mine)) if mine else 1.0
        made.append(Word(word, start, max(start, end), confidence))
        at = behind
    return made


def _streaming(library: Any, model: SherpaModel, hot_words: Sequence[str]) -> Any:
    tokens = str(model.folder / "tokens.txt")
    common = {"num_threads": THREADS, "sample_rate": model.rate_hz, "feature_dim": model.bands}
    if model.kind == "transducer":
        return library.OnlineRecognizer.from_transducer(
            tokens=tokens, encoder=model.file("encoder"), decoder=model.file("decoder"),
            joiner=model.file("joiner"), low_freq=model.low_hz, high_freq=model.high_hz,
            **common, **boosting(model, hot_words),
        )  # fmt: skip
    if model.kind == "paraformer":
        return library.OnlineRecognizer.from_paraformer(
            tokens=tokens, encoder=model.file("encoder"), decoder=model.file("decoder"), **common
        )
    return _streaming_ctc(library, model, tokens)


def boosting(model: SherpaModel, hot_words: Sequence[str]) -> dict[str, Any]:
    """Arguments that make a transducer prefer the hot words; empty if there are none."""
    known = {
        line.rsplit(" ", 1)[0]
        for line in (model.folder / "tokens.txt").read_text(encoding="utf-8").splitlines()
    }
    spelled = [word for word in dict.fromkeys(hot_words) if word and set(word) <= known]
    if not spelled:
        return {}
    with tempfile.NamedTemporaryFile(
        "w", suffix=".txt", prefix="hot-words-", encoding="utf-8", delete=False
    ) as listed:
        listed.write("".join(f"{word}\n" for word in spelled))
    return {"decoding_method": "modified_beam_search", "hotwords_file": listed.name,
            "hotwords_score": HOT_WORD_SCORE, "modeling_unit": "cjkchar"}  # fmt: skip


def _streaming_ctc(library: Any, model: SherpaModel, tokens: str) -> Any:
    parts = library.online_recognizer
    config = parts.OnlineRecognizerConfig(
        feat_config=features_of(parts, model),
        model_config=parts.OnlineModelConfig(
            zipformer2_ctc=parts.OnlineZipformer2CtcModelConfig(model=model.file("model")),
            tokens=tokens, num_threads=THREADS,
            provider_config=parts.ProviderConfig(provider="cpu"), debug=False,
        ),
        endpoint_config=parts.EndpointConfig(
            rule1_min_trailing_silence=2.4, rule2_min_trailing_silence=1.2,
            rule3_min_utterance_length=20.0,
        ),
        ctc_fst_decoder_config=parts.OnlineCtcFstDecoderConfig(
            graph=model.optional("graph.fst"), max_active=_MAX_ACTIVE
        ),
        enable_endpoint=False, decoding_method="greedy_search",
    )  # fmt: skip
    return built(library.OnlineRecognizer, parts, config)
