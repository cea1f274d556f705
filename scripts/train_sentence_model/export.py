"""From a checkpoint to app/models/sentences: ONNX of 8 bits, vocabulary, classifiers."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from app.adapters.knowledge.sentence_model import FOLDER

from .network import padded
from .packed import Packed
from .train import SPREAD, Labels, Model
from .words import make_tokenizer, numbers


def export(packed: Packed, work: Path) -> None:
    """Write the model of ``work/sentences.pt``."""
    checkpoint = torch.load(work / "sentences.pt")
    labels = Labels(*(checkpoint[name] for name in ("families", "kinds", "entries")))
    model = Model(packed, labels)
    model.load_state_dict(checkpoint["state"])
    model.eval()
    tokenizer = make_tokenizer(packed)
    FOLDER.mkdir(exist_ok=True)
    rows = padded([numbers(tokenizer, "我要停机"), numbers(tokenizer, "没信号")])
    torch.onnx.export(model.encoder, (rows,), work / "sentences.onnx", input_names=["ids"], output_names=["points"],
                      dynamic_axes={"ids": {0: "n", 1: "t"}, "points": {0: "n"}}, dynamo=False, opset_version=17)  # fmt: skip
    quantize_dynamic(work / "sentences.onnx", FOLDER / "model.onnx", per_channel=True, weight_type=QuantType.QInt8)
    tokenizer.save(str(FOLDER / "tokenizer.json"), pretty=False)
    state = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    np.savez_compressed(
        FOLDER / "heads.npz", name=hashlib.sha256((FOLDER / "model.onnx").read_bytes()).hexdigest()[:16],
        families=labels.families, kinds=labels.kinds, family_weights=state["families.weight"] * SPREAD,
        family_bias=state["families.bias"], kind_weights=state["kinds.weight"] * SPREAD, kind_bias=state["kinds.bias"],
    )  # fmt: skip
