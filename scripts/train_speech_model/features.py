"""The one definition of the features: Kaldi's MFCC as vosk computes them at run time."""

import kaldi_native_fbank as knf
import numpy as np

from .layers import CEPSTRA, HIGH_HZ, LOW_HZ, RATE_HZ


def mfcc(samples: np.ndarray) -> np.ndarray:
    """[frames, 40] at 100 frames a second, of samples in the range of 16 bits at 8000 Hz."""
    options = knf.MfccOptions()
    options.frame_opts.samp_freq = RATE_HZ
    options.frame_opts.dither = 1.0
    options.use_energy = False
    options.num_ceps = CEPSTRA
    options.mel_opts.num_bins = CEPSTRA
    options.mel_opts.low_freq = LOW_HZ
    options.mel_opts.high_freq = HIGH_HZ
    computer = knf.OnlineMfcc(options)
    computer.accept_waveform(RATE_HZ, np.asarray(samples, np.float32).tolist())
    computer.input_finished()
    count = computer.num_frames_ready
    if not count:
        return np.zeros((0, CEPSTRA), np.float32)
    return np.stack([computer.get_frame(at) for at in range(count)]).astype(np.float32)
