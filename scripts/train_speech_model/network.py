"""The acoustic network: a time-delay network over MFCC that outputs phones (CTC).

Peddinti, Povey, Khudanpur (2015): A time delay neural network architecture; Graves et al. (2006):
Connectionist temporal classification.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

from app.language.texts.pronounce import PHONES

from .layers import CEPSTRA, CONTEXT, LAYERS, Affine


class Network(nn.Module):
    """Layers are written as unfold and matrix product: with bfloat16 (``fast``) three times
    as fast where the processor has instructions for it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(CEPSTRA))
        self.register_buffer("scale", torch.ones(CEPSTRA))
        sizes = [CEPSTRA] + [width] * len(LAYERS)
        self.convolutions = nn.ModuleList(
            nn.Conv1d(size, width, layer.kernel, stride=layer.stride, bias=False)
            for size, layer in zip(sizes, LAYERS, strict=False)
        )
        self.norms = nn.ModuleList(nn.BatchNorm1d(width) for _ in LAYERS)
        self.output = nn.Conv1d(width, len(PHONES), 1)
        self.fast = False

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """[batch, time + 2 * CONTEXT, 40] -> log posteriors [batch, time / 3, phones]."""
        kind = torch.bfloat16 if self.fast else torch.float32
        x = ((frames - self.mean) * self.scale).to(kind)
        for convolution, norm, layer in zip(self.convolutions, self.norms, LAYERS, strict=True):
            count = (x.shape[1] - layer.kernel) // layer.stride + 1
            last = (count - 1) * layer.stride + 1
            taps = [x[:, at : at + last : layer.stride] for at in range(layer.kernel)]
            unfolded = torch.cat(taps, -1)
            weights = convolution.weight.permute(0, 2, 1).reshape(convolution.weight.shape[0], -1)
            y = unfolded.reshape(-1, unfolded.shape[-1]) @ weights.t().to(kind)
            x = torch.relu(norm(y.float()).to(kind)).view(unfolded.shape[0], count, -1)
        y = x @ self.output.weight[:, :, 0].t().to(kind) + self.output.bias.to(kind)
        return y.float().log_softmax(-1)


def with_state(state: Mapping[str, torch.Tensor]) -> Network:
    """The network of a state, as wide as it is."""
    network = Network(state["output.weight"].shape[1])
    network.load_state_dict(dict(state))
    return network


def folded(network: Network) -> list[Affine]:
    """Layers with the input's and the batches' normalisation folded in, the output layer last."""
    state = {k: v.detach().double().numpy() for k, v in network.state_dict().items()
             if v.dtype.is_floating_point}  # fmt: skip
    made: list[Affine] = []
    for at, norm in enumerate(network.norms):
        weights = state[f"convolutions.{at}.weight"].copy()
        bias = np.zeros(weights.shape[0])
        if at == 0:
            weights *= state["scale"][None, :, None]
            bias = -(weights * state["mean"][None, :, None]).sum((1, 2))
        gain = state[f"norms.{at}.weight"] / np.sqrt(state[f"norms.{at}.running_var"] + norm.eps)
        bias = (bias - state[f"norms.{at}.running_mean"]) * gain + state[f"norms.{at}.bias"]
        weights *= gain[:, None, None]
        made.append(Affine(weights.transpose(0, 2, 1).reshape(weights.shape[0], -1), bias))
    made.append(Affine(state["output.weight"][:, :, 0], state["output.bias"]))
    return made


def padded(frames: np.ndarray) -> np.ndarray:
    """The first and the last frame repeated for the context, as Kaldi does."""
    return np.concatenate(
        [np.repeat(frames[:1], CONTEXT, 0), frames, np.repeat(frames[-1:], CONTEXT, 0)]
    )
