"""A tiny VITS voice that sherpa-onnx loads: every syllable is a tenth of a second of its own tone.

Written as ONNX by hand, so that the real library reads real files (tokens, lexicon, model): what it says is no speech,
but its length and its tones follow the text.
"""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

RATE_HZ, TOKEN_SAMPLES = 16_000, 1600
#: Characters that the voice knows, each one token; the first is the pause.
KNOWN = "_，。您好山海广电一二三四五"


def tone_hz(character: str) -> float:
    return 300.0 + 100.0 * KNOWN.index(character)


def sherpa_voice(folder: Path) -> Path:
    """``folder`` with ``model.onnx``, ``tokens.txt`` and ``lexicon.txt`` in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokens.txt").write_text("".join(f"{c} {n}\n" for n, c in enumerate(KNOWN)), encoding="utf-8")
    (folder / "lexicon.txt").write_text("".join(f"{c} {c}\n" for c in KNOWN[1:]), encoding="utf-8")
    onnx.save(_model(), folder / "model.onnx")
    return folder


def _model() -> onnx.ModelProto:
    """y[0, 0, n] = sin(2 pi f(x[n // TOKEN_SAMPLES]) n / RATE_HZ) / 3; ``length_scale`` stretches the number of samples."""
    tones = np.array([0.0] + [tone_hz(c) for c in KNOWN[1:]], np.float32)
    constants: dict[str, np.ndarray[Any, Any]] = {
        "tones": tones, "zero": np.array(0, np.int64), "one": np.array(1, np.int64), "samples": np.array(TOKEN_SAMPLES, np.float32),
        "turn": np.array(2 * np.pi / RATE_HZ, np.float32), "third": np.array(1 / 3, np.float32), "front": np.array([0, 1], np.int64), "first": np.array([0], np.int64),
    }
    nodes = [
        helper.make_node("Squeeze", ["x", "first"], ["tokens"]),
        helper.make_node("Gather", ["tones", "tokens"], ["hz"]),
        helper.make_node("Mul", ["samples", "length_scale"], ["each_real"]),
        helper.make_node("Cast", ["each_real"], ["each"], to=TensorProto.INT64),
        helper.make_node("Squeeze", ["each", "first"], ["each_one"]),
        helper.make_node("Squeeze", ["x_length", "first"], ["count"]),
        helper.make_node("Mul", ["count", "each_one"], ["total"]),
        helper.make_node("Range", ["zero", "total", "one"], ["n"]),
        helper.make_node("Div", ["n", "each_one"], ["which"]),
        helper.make_node("Gather", ["hz", "which"], ["hz_n"]),
        helper.make_node("Cast", ["n"], ["n_real"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["hz_n", "n_real"], ["cycles"]),
        helper.make_node("Mul", ["cycles", "turn"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        helper.make_node("Mul", ["wave", "third"], ["quiet"]),
        helper.make_node("Unsqueeze", ["quiet", "front"], ["y"]),
    ]
    inputs = [helper.make_tensor_value_info("x", TensorProto.INT64, ["N", "T"]), helper.make_tensor_value_info("x_length", TensorProto.INT64, ["N"])]
    inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("noise_scale", "length_scale", "noise_scale_w")]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 1, "S"])
    graph = helper.make_graph(nodes, "tones", inputs, [output], [numpy_helper.from_array(v, k) for k, v in constants.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    about = {"sample_rate": RATE_HZ, "add_blank": 0, "n_speakers": 1, "language": "Chinese", "comment": "tones", "punctuation": "， 。", "model_type": "vits"}
    for key, value in about.items():
        model.metadata_props.add(key=key, value=str(value))
    onnx.checker.check_model(model)
    return model
