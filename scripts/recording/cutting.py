"""Pieces cut out of a carrier at the places that the model itself gives: how long it makes each symbol."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from app.adapters.voice.kokoro_voices import style_of
from app.adapters.voice.tts_kokoro import inputs, line_audio, load_phones, load_symbols
from app.media.g711 import RATE_HZ
from app.media.joints import CONTEXT
from app.media.loudness import evened
from scripts.recording.pieces import Carrier

#: Where the graph has the number of frames of each symbol, and the samples of the line a frame.
_FRAMES = "/encoder/Clip_output_0"
_FRAME = RATE_HZ // 40


#: A symbol is heard before its own frames begin: of five leads (0 to 37 ms) the one that a recogniser took least wrong, on four numbers.
_LEAD = _FRAME * 3 // 2
_SEARCH, _WINDOW = RATE_HZ // 50, RATE_HZ // 200
_MARKS = "，。？"


@dataclass(frozen=True, slots=True)
class _Span:
    begin: int
    end: int


class PieceCutter:
    """The model with its durations, in one voice."""

    def __init__(self, folder: Path, voice: str) -> None:
        self._symbols, self._phones, self._style = load_symbols(folder), load_phones(), style_of(voice)
        graph = onnx.load(str(folder / "model.onnx"))
        graph.graph.output.append(onnx.helper.make_empty_tensor_value_info(_FRAMES))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def cut(self, carrier: Carrier) -> dict[str, bytes]:
        """PCM16 of the kept parts by name, each with CONTEXT samples of what is around it."""
        ids, spans = self._laid_out(carrier)
        audio, frames = self._session.run(["audio", _FRAMES], inputs(ids, self._style, 1.0))
        samples = np.frombuffer(evened(line_audio(np.asarray(audio, np.float32))), "<i2")
        ends = np.concatenate(([0], np.cumsum(np.asarray(frames).reshape(-1)))).astype(int) * _FRAME
        kept = zip(carrier, spans, strict=True)
        return {part.text: _piece(samples, ends, span, part.text) for part, span in kept if part.kept}

    def _laid_out(self, carrier: Carrier) -> tuple[list[int], list[_Span]]:
        """The symbols of all parts, and which of them belong to which; the first is the pad."""
        ids: list[int] = []
        spans = []
        for part in carrier:
            found = [self._symbols[s] for s in self._phones(part.text) if s in self._symbols]
            spans.append(_Span(len(ids) + 1, len(ids) + len(found) + 1))
            ids += [*found, self._symbols[" "]]
        return ids[:-1], spans


def _piece(samples: NDArray[np.int16], ends: NDArray[np.int_], span: _Span, name: str) -> bytes:
    begin, last = _quietest(samples, int(ends[span.begin]) - _LEAD), int(ends[span.end])
    last = _sounding(samples, begin, last) if name[-1] in _MARKS else _quietest(samples, last - _LEAD)
    return bytes(samples[max(0, begin - CONTEXT) : last + CONTEXT].tobytes())


def _quietest(samples: NDArray[np.int16], at: int) -> int:
    """The place near a border where least is heard."""
    power = np.convolve(samples[max(0, at - _SEARCH) : at + _SEARCH].astype(float) ** 2, np.ones(_WINDOW), "same")
    return max(0, at - _SEARCH) + int(power.argmin()) if len(power) else at


def _sounding(samples: NDArray[np.int16], begin: int, end: int) -> int:
    """The end of what is heard before a pause."""
    loud = np.flatnonzero(np.abs(samples[begin:end].astype(np.int32)) > 120)
    return begin + int(loud[-1]) + 1 if len(loud) else end
