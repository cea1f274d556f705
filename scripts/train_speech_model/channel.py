"""From a clean recording to what the recogniser gets: room, noise, handset, level, the bridge's own
G.711 and jitter buffer with lost packets. Everything is seeded."""

import random

import numpy as np
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from app.media import g711
from app.media.jitter import JitterBuffer

from .layers import RATE_HZ

_FRAME_MS = 25


def resampled(samples: np.ndarray, rate_hz: int, warp: float = 1.0) -> np.ndarray:
    """At 8000 Hz; ``warp`` moves pitch and formants together (another speaker's size)."""
    ratio = RATE_HZ / (rate_hz * warp)
    down = 200
    return resample_poly(samples, max(1, round(ratio * down)), down).astype(np.float32)


def stretched(samples: np.ndarray, factor: float, rate_hz: int = RATE_HZ) -> np.ndarray:
    """``factor`` times as long at the same pitch: waveform similarity overlap-add.

    Verhelst, Roelands (1993): An overlap-add technique based on waveform similarity.
    """
    size = rate_hz * _FRAME_MS // 1000
    hop, reach = size // 2, size // 4
    if abs(factor - 1) < 0.03 or len(samples) < 3 * size:
        return samples
    window = np.hanning(size).astype(np.float32)
    padded = np.concatenate([np.zeros(reach), samples, np.zeros(size + reach)]).astype(np.float32)
    count = int(len(samples) * factor) // hop
    out = np.zeros(count * hop + size, np.float32)
    wanted = padded[reach : reach + size]
    for number in range(count):
        start = min(int(number * hop / factor), len(samples) - 1)
        region = padded[start : start + size + 2 * reach]
        if len(region) < size + 2 * reach:
            break
        best = int(np.argmax(np.correlate(region, wanted, "valid"))) if number else reach
        at = start + best
        out[number * hop : number * hop + size] += padded[at : at + size] * window
        wanted = padded[at + hop : at + hop + size]
        if len(wanted) < size:
            break
    return out


def _level(samples: np.ndarray) -> np.ndarray:
    even: np.ndarray = samples / (np.abs(samples).max() + 1e-6)
    return even


def _room(samples: np.ndarray, chance: random.Random) -> np.ndarray:
    count = int(RATE_HZ * chance.uniform(0.05, 0.3))
    noise = np.random.default_rng(chance.randrange(1 << 30)).standard_normal(count)
    decay = np.exp(-np.arange(count) / RATE_HZ * chance.uniform(15, 60))
    answer = noise * decay * chance.uniform(0.05, 0.3)
    answer[0] = 1
    heard: np.ndarray = fftconvolve(samples, answer)[: len(samples)]
    return heard


def _handset(samples: np.ndarray, chance: random.Random) -> np.ndarray:
    band = [chance.uniform(80, 300), chance.uniform(3000, 3800)]
    samples = sosfilt(butter(2, band, "band", fs=RATE_HZ, output="sos"), samples)
    if chance.random() < 0.5:
        tilt = chance.uniform(-0.6, 0.6)
        samples = np.append(samples[0], samples[1:] + tilt * samples[:-1])
    return samples


def _noise(samples: np.ndarray, chance: random.Random, quiet: bool) -> np.ndarray:
    noise = np.random.default_rng(chance.randrange(1 << 30)).standard_normal(len(samples))
    if chance.random() < 0.6:
        noise = np.cumsum(noise)
        noise -= np.convolve(noise, np.ones(400) / 400, "same")
    below_db = chance.uniform(20, 40) if quiet else chance.uniform(8, 40)
    power = np.sqrt((samples**2).mean())
    noisy: np.ndarray = samples + noise / (noise.std() + 1e-9) * power * 10 ** (-below_db / 20)
    return noisy


def _line(pcm16: bytes, chance: random.Random) -> bytes:
    """Through the bridge's codec and jitter buffer; some lines lose packets."""
    codec = g711.PCMA if chance.random() < 0.7 else g711.PCMU
    lost = chance.choice((0, 0, 0, 0.005, 0.02))
    buffer, out = JitterBuffer(), []
    frames = range(0, len(pcm16) - g711.FRAME_BYTES + 1, g711.FRAME_BYTES)
    for number, at in enumerate(frames):
        if chance.random() >= lost:
            buffer.put(number, g711.encode(codec, pcm16[at : at + g711.FRAME_BYTES]))
        if number >= buffer.depth - 1:
            payload = buffer.pop()
            out.append(g711.decode(codec, payload) if payload else g711.SILENT_PCM)
    return b"".join(out)


def telephone(samples: np.ndarray, chance: random.Random, quiet: bool = False) -> np.ndarray:
    """What arrives of samples at 8000 Hz, in the range of 16 bits, with silence around."""
    around = [np.zeros(int(RATE_HZ * chance.uniform(*span)), np.float32)
              for span in ((0.1, 0.45), (0.15, 0.5))]  # fmt: skip
    samples = np.concatenate([around[0], _level(samples), around[1]])
    if not quiet and chance.random() < 0.4:
        samples = _room(samples, chance)
    if chance.random() < 0.6:
        samples = _handset(samples, chance)
    samples = _level(_noise(_level(samples), chance, quiet))
    level = 10 ** (chance.uniform(-26, -1) / 20)
    if not quiet and chance.random() < 0.08:
        level *= 2.5
    pcm = np.clip(samples * level * 32767, -32768, 32767).astype("<i2").tobytes()
    return np.frombuffer(_line(pcm, chance), "<i2").astype(np.float32)
