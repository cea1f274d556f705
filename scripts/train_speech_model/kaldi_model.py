"""Kaldi's binary model: a transition model and a network of affine layers, written and read.

Povey et al. (2011): The Kaldi speech recognition toolkit; the layout follows Kaldi's own io-funcs.
"""

import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from app.language.texts.pronounce import PHONES

from .layers import CEPSTRA, CONTEXT, LAYERS, Affine

_WEIGHTS, _BIAS, _PRIORS = b"<LinearParams> FM ", b"<BiasParams> FV ", b"<Priors> FV "


class _Writer:
    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        out.write(b"\0B")

    def token(self, text: str) -> None:
        self._out.write(text.encode() + b" ")

    def integer(self, value: int) -> None:
        self._out.write(struct.pack("<bi", 4, value))

    def real(self, value: float) -> None:
        self._out.write(struct.pack("<bf", 4, value))

    def double(self, value: float) -> None:
        self._out.write(struct.pack("<bd", 8, value))

    def integers(self, values: Sequence[int]) -> None:
        self._out.write(struct.pack("<bi", 4, len(values)) + np.asarray(values, "<i4").tobytes())

    def vector(self, values: np.ndarray | Sequence[float]) -> None:
        self.token("FV")
        self.integer(len(values))
        self._out.write(np.asarray(values, "<f4").tobytes())

    def matrix(self, values: np.ndarray) -> None:
        self.token("FM")
        self.integer(values.shape[0])
        self.integer(values.shape[1])
        self._out.write(np.ascontiguousarray(values, "<f4").tobytes())

    def text(self, lines: Sequence[str]) -> None:
        self._out.write(b"\n" + "\n".join(lines).encode() + b"\n\n")


def write_model(path: Path, layers: Sequence[Affine], priors: np.ndarray) -> None:
    """``am/final.mdl``: one pdf a phone, CTC topology (one emitting state that may repeat)."""
    with path.open("wb") as out:
        writer = _Writer(out)
        _transitions(writer, len(PHONES))
        _network(writer, layers)
        for side in ("<LeftContext>", "<RightContext>"):
            writer.token(side)
            writer.integer(CONTEXT)
        writer.token("<Priors>")
        writer.vector(priors)


def _transitions(writer: _Writer, phones: int) -> None:
    writer.token("<TransitionModel>")
    writer.token("<Topology>")
    writer.integers(range(1, phones + 1))
    writer.integers([-1] + [0] * phones)
    writer.integer(1)  # one entry
    writer.integer(2)  # two states: emitting (pdf class 0, loop and exit), final
    writer.integer(0)
    writer.integer(2)
    for target in (0, 1):
        writer.integer(target)
        writer.real(0.5)
    writer.integer(-1)
    writer.integer(0)
    writer.token("</Topology>")
    writer.token("<Triples>")
    writer.integer(phones)
    for phone in range(1, phones + 1):
        for value in (phone, 0, phone - 1):
            writer.integer(value)
    writer.token("</Triples>")
    writer.token("<LogProbs>")
    writer.vector([0.0] + [math.log(0.5)] * (2 * phones))
    writer.token("</LogProbs>")
    writer.token("</TransitionModel>")


def _network(writer: _Writer, layers: Sequence[Affine]) -> None:
    config = [f"input-node name=input dim={CEPSTRA}"]
    previous = "input"
    for at, layer in enumerate(LAYERS):
        half = layer.kernel // 2
        taps = [
            previous if o == 0 else f"Offset({previous}, {o * layer.step})"
            for o in range(-half, half + 1)
        ]
        config += _node(f"tdnn{at}.affine", f"Append({', '.join(taps)})")
        config += _node(f"tdnn{at}.relu", f"tdnn{at}.affine")
        previous = f"tdnn{at}.relu"
    config += _node("output.affine", previous) + _node("output.log-softmax", "output.affine")
    config.append("output-node name=output input=output.log-softmax objective=linear")
    writer.token("<Nnet3>")
    writer.text(config)
    writer.token("<NumComponents>")
    writer.integer(2 * len(layers))
    for at, affine in enumerate(layers):
        last = at == len(layers) - 1
        name = "output" if last else f"tdnn{at}"
        _affine(writer, f"{name}.affine", affine)
        kind = (
            ("log-softmax", "LogSoftmaxComponent") if last else ("relu", "RectifiedLinearComponent")
        )
        _nonlinear(writer, f"{name}.{kind[0]}", kind[1], len(affine.bias))
    writer.token("</Nnet3>")


def _node(name: str, source: str) -> list[str]:
    return [f"component-node name={name} component={name} input={source}"]


def _affine(writer: _Writer, name: str, affine: Affine) -> None:
    writer.token("<ComponentName>")
    writer.token(name)
    writer.token("<AffineComponent>")
    writer.token("<LearningRate>")
    writer.real(0.001)
    writer.token("<LinearParams>")
    writer.matrix(affine.weights)
    writer.token("<BiasParams>")
    writer.vector(affine.bias)
    writer.token("</AffineComponent>")


def _nonlinear(writer: _Writer, name: str, kind: str, size: int) -> None:
    writer.token("<ComponentName>")
    writer.token(name)
    writer.token(f"<{kind}>")
    writer.token("<Dim>")
    writer.integer(size)
    for statistic in ("<ValueAvg>", "<DerivAvg>"):
        writer.token(statistic)
        writer.vector([])
    writer.token("<Count>")
    writer.double(0.0)
    writer.token("<OderivRms>")
    writer.vector([])
    writer.token("<OderivCount>")
    writer.double(0.0)
    writer.token(f"</{kind}>")


def read_model(path: Path) -> tuple[list[Affine], np.ndarray]:
    """Layers and priors of a model that ``write_model`` has written. Raises ValueError."""
    data = path.read_bytes()
    layers: list[Affine] = []
    at = data.find(_WEIGHTS)
    while at >= 0:
        weights, at = _matrix(data, at + len(_WEIGHTS))
        bias, at = _vector(data, data.index(_BIAS, at) + len(_BIAS))
        layers.append(Affine(weights, bias))
        at = data.find(_WEIGHTS, at)
    if len(layers) != len(LAYERS) + 1:
        raise ValueError(f"{path}: expected {len(LAYERS) + 1} affine layers, found {len(layers)}")
    priors, _ = _vector(data, data.index(_PRIORS) + len(_PRIORS))
    return layers, priors


def _matrix(data: bytes, at: int) -> tuple[np.ndarray, int]:
    _, rows, _, columns = struct.unpack_from("<bibi", data, at)
    values = np.frombuffer(data, "<f4", rows * columns, at + 10).reshape(rows, columns)
    return values, at + 10 + values.nbytes


def _vector(data: bytes, at: int) -> tuple[np.ndarray, int]:
    _, count = struct.unpack_from("<bi", data, at)
    values = np.frombuffer(data, "<f4", count, at + 5)
    return values, at + 5 + values.nbytes
