"""The same network as ONNX for sherpa-onnx: its ``zipformer2`` (streaming) and ``zipformer`` CTC kinds.

sherpa-onnx computes log mel energies; the cosine transform and the liftering of MFCC are folded into
the first layer. The priors are divided out, as in the decoder of Kaldi. The network has no memory
besides its input window, so the caches that this kind of model must have pass through unchanged.
"""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from app.language.texts.pronounce import PHONES

from .layers import (
    CEPSTRA,
    CONTEXT,
    HIGH_HZ,
    LAYERS,
    LOW_HZ,
    RATE_HZ,
    SUBSAMPLING,
    Affine,
)  # fmt: skip

#: Kaldi's liftering coefficient.
_LIFTER = 22
#: sherpa-onnx takes samples between -1 and 1, the network was trained on 16 bits.
_LEVEL = 2 * math.log(32768.0)
#: Frames a step of the decoder, and the window that such a step needs.
SHIFT, WINDOW = 30, 58
_CACHES: dict[str, list[int | str]] = {
    "cached_key_0": [4, "N", 8], "cached_nonlin_attn_0": [1, "N", 4, 24], "cached_val1_0": [4, "N", 8],
    "cached_val2_0": [4, "N", 8], "cached_conv1_0": ["N", 32, 1], "cached_conv2_0": ["N", 32, 1],
    "embed_states": ["N", 128, 3, 19],
}  # fmt: skip
_ABOUT = {
    "model_type": "zipformer2", "version": "1", "encoder_dims": "32", "query_head_dims": "8",
    "value_head_dims": "8", "num_heads": "1", "num_encoder_layers": "1", "cnn_module_kernels": "3",
    "left_context_len": "4", "T": str(WINDOW), "decode_chunk_len": str(SHIFT),
}  # fmt: skip


def _cosine_transform() -> np.ndarray:
    """From log mel energies to liftered cepstra."""
    points = (np.arange(CEPSTRA) + 0.5) * math.pi / CEPSTRA
    transform = math.sqrt(2 / CEPSTRA) * np.cos(np.arange(CEPSTRA)[:, None] * points)
    transform[0] = math.sqrt(1 / CEPSTRA)
    lifter = 1 + 0.5 * _LIFTER * np.sin(math.pi * np.arange(CEPSTRA) / _LIFTER)
    return lifter[:, None] * transform


def _over_log_mel(first: Affine) -> Affine:
    kernel = LAYERS[0].kernel
    weights = first.weights.reshape(len(first.bias), kernel, CEPSTRA) @ _cosine_transform()
    bias = first.bias + weights.sum(axis=(1, 2)) * _LEVEL
    return Affine(weights.reshape(len(bias), -1), bias)


class _Graph:
    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, name: str, values: np.ndarray) -> str:
        self.constants.append(
            numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
        )
        return name

    def convolve(self, source: str, affine: Affine, kernel: int, stride: int, name: str) -> str:
        shape = (len(affine.bias), kernel, affine.weights.shape[1] // kernel)
        weights = self.constant(f"{name}.weights", affine.weights.reshape(shape).transpose(0, 2, 1))
        bias = self.constant(f"{name}.bias", affine.bias)
        return self.add(
            "Conv", [source, weights, bias], name, kernel_shape=[kernel], strides=[stride]
        )


def write_streaming(folder: Path, layers: Sequence[Affine], priors: np.ndarray) -> None:
    """``model.onnx``, ``tokens.txt`` and ``sherpa.json`` of a streaming model."""
    graph = _Graph()
    _network(graph, "x", layers, priors)
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", WINDOW, CEPSTRA])]
    outputs = [
        helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["N", "U", len(PHONES)])
    ]
    kinds = {name: (TensorProto.FLOAT, shape) for name, shape in _CACHES.items()}
    kinds["processed_lens"] = (TensorProto.INT64, ["N"])
    for name, (kind, shape) in kinds.items():
        inputs.append(helper.make_tensor_value_info(name, kind, shape))
        graph.add("Identity", [name], f"new_{name}")
        outputs.append(helper.make_tensor_value_info(f"new_{name}", kind, shape))
    _save(folder, graph, inputs, outputs, "ctc")


def write_offline(folder: Path, layers: Sequence[Affine], priors: np.ndarray) -> None:
    """The same for whole utterances: the library's offline ``zipformer_ctc`` kind."""
    graph = _Graph()
    pads = numpy_helper.from_array(np.array([0, CONTEXT, 0, 0, CONTEXT, 0]), "context")
    three = numpy_helper.from_array(np.array(SUBSAMPLING), "subsampling")
    two = numpy_helper.from_array(np.array(SUBSAMPLING - 1), "rounding")
    graph.constants += [pads, three, two]
    _network(graph, graph.add("Pad", ["x", "context"], "padded", mode="edge"), layers, priors)
    graph.add(
        "Div", [graph.add("Add", ["x_lens", "rounding"], "up"), "subsampling"], "log_probs_len"
    )
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", "T", CEPSTRA]),
              helper.make_tensor_value_info("x_lens", TensorProto.INT64, ["N"])]  # fmt: skip
    outputs = [helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, ["N", "U", len(PHONES)]),
               helper.make_tensor_value_info("log_probs_len", TensorProto.INT64, ["N"])]  # fmt: skip
    _save(folder, graph, inputs, outputs, "offline-ctc")


def _network(graph: _Graph, source: str, layers: Sequence[Affine], priors: np.ndarray) -> None:
    last = graph.add("Transpose", [source], "turned", perm=[0, 2, 1])
    changed = [_over_log_mel(layers[0]), *layers[1:]]
    for at, (affine, layer) in enumerate(zip(changed, LAYERS, strict=False)):
        last = graph.convolve(last, affine, layer.kernel, layer.stride, f"tdnn{at}")
        last = graph.add("Relu", [last], f"relu{at}")
    last = graph.convolve(last, changed[-1], 1, 1, "output")
    last = graph.add("Transpose", [last], "back", perm=[0, 2, 1])
    last = graph.add("LogSoftmax", [last], "posteriors", axis=-1)
    graph.add("Sub", [last, graph.constant("log_priors", np.log(priors))], "log_probs")


def _save(folder: Path, graph: _Graph, inputs: list[Any], outputs: list[Any], kind: str) -> None:
    made = helper.make_graph(graph.nodes, "tdnn", inputs, outputs, graph.constants)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    for key, value in _ABOUT.items():
        model.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(model)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    names = ["<blk>", *PHONES[1:]]
    text = "".join(f"{name} {at}\n" for at, name in enumerate(names))
    (folder / "tokens.txt").write_text(text, encoding="utf-8")
    about = {"kind": kind, "rate_hz": RATE_HZ, "bands": CEPSTRA, "low_hz": float(LOW_HZ),
             "high_hz": float(HIGH_HZ), "step_ms": 10.0 * SUBSAMPLING}  # fmt: skip
    (folder / "sherpa.json").write_text(json.dumps(about), encoding="utf-8")
