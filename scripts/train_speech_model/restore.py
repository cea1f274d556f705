"""A trained model read back into a network that can be trained on.

The layers of ``am/final.mdl`` are plain affine: the normalisation of batches was folded into them. It is
taken out again so that the network computes the same: each unit's sums are brought to unit deviation on
a sample of the data, and the normalisation's gain and offset undo that.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from .kaldi_model import read_model
from .layers import LAYERS, Affine
from .network import Network, padded
from .shards import Utterance

#: A unit that hardly moves is left as it is.
_LEAST_DEVIATION = 1e-3


def restored(model: Path, sample: Sequence[Utterance]) -> Network:
    """The network of a model folder. Raises OSError or ValueError for one that is none of ours."""
    layers, _ = read_model(model / "am" / "final.mdl")
    network = Network(len(layers[0].bias))
    frames = np.concatenate([padded(u.frames.astype(np.float32)) for u in sample])
    network.mean.copy_(torch.from_numpy(frames.mean(0)))
    network.scale.copy_(torch.from_numpy(1 / frames.std(0)))
    x = (torch.from_numpy(frames)[None] - network.mean) * network.scale
    with torch.no_grad():
        for at, affine in enumerate(layers[:-1]):
            x = _restore(network, at, _normalised(network, affine) if at == 0 else affine, x)
        network.output.weight[:, :, 0] = _tensor(layers[-1].weights)
        network.output.bias.copy_(_tensor(layers[-1].bias))
    return network


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.array(values, np.float32))


def _normalised(network: Network, affine: Affine) -> Affine:
    """The first layer for an input of mean 0 and deviation 1."""
    taps = LAYERS[0].kernel
    mean, scale = np.tile(network.mean.numpy(), taps), np.tile(network.scale.numpy(), taps)
    return Affine(affine.weights / scale, affine.bias + affine.weights @ mean)


def _restore(network: Network, at: int, affine: Affine, x: torch.Tensor) -> torch.Tensor:
    """Sets one layer; what it gives for ``x`` ([1, time, inputs])."""
    layer, norm, convolution = LAYERS[at], network.norms[at], network.convolutions[at]
    weights = _tensor(affine.weights).reshape(len(affine.bias), layer.kernel, -1)
    weights = weights.permute(0, 2, 1).contiguous()
    sums = torch.nn.functional.conv1d(x.transpose(1, 2), weights, stride=layer.stride)[0]
    mean = sums.mean(1)
    deviation = sums.std(1)
    deviation = torch.where(deviation < _LEAST_DEVIATION, torch.ones_like(deviation), deviation)
    convolution.weight.copy_(weights / deviation[:, None, None])
    norm.running_mean.copy_(mean / deviation)
    norm.running_var.fill_(1.0)
    norm.weight.copy_(deviation * (1 + norm.eps) ** 0.5)
    norm.bias.copy_(mean + _tensor(affine.bias))
    return torch.relu(sums + _tensor(affine.bias)[:, None]).T[None]
