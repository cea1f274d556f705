"""The shape of features and network, shared by training and by the export formats."""

from typing import NamedTuple

import numpy as np

RATE_HZ = 8000
CEPSTRA = 40
LOW_HZ, HIGH_HZ = 40, -200
#: Written to conf/mfcc.conf of the model.
MFCC_CONF = {
    "sample-frequency": RATE_HZ, "use-energy": "false", "num-mel-bins": CEPSTRA,
    "num-ceps": CEPSTRA, "low-freq": LOW_HZ, "high-freq": HIGH_HZ, "dither": 1.0,
}  # fmt: skip

#: Frames of context that an output sees on either side, at 100 a second.
CONTEXT = 15
SUBSAMPLING = 3


class Layer(NamedTuple):
    kernel: int
    stride: int
    #: Distance of the kernel's inputs in frames of 10 ms.
    step: int


LAYERS = (
    Layer(5, 1, 1),
    Layer(3, 3, 1),
    Layer(3, 1, 3),
    Layer(3, 1, 3),
    Layer(3, 1, 3),
    Layer(3, 1, 3),
)


class Affine(NamedTuple):
    """``weights``: [out, kernel * in], inputs in order of time."""

    weights: np.ndarray
    bias: np.ndarray
