"""What speech goes through before it is heard: speaker's pace and size, noise, level, echo, clipping, lost packets."""

import random
from typing import NamedTuple

import numpy as np

from app.media import g711
from app.media.g711 import FRAME_BYTES
from app.media.jitter import JitterBuffer
from app.simulator.conditions import echoed, overdriven
from scripts.train_speech_model.channel import resampled, stretched

SNR_DB = 25
#: A breath before and after, in bytes.
_BEFORE, _AFTER = 8000, 12000
_TOP = 32767
_LOST_SEED = 5


class Line(NamedTuple):
    """Decibels of noise below the speech, of its level, and of how far it is driven over the top; the share of
    packets that are lost; ``stretch``: of duration at the same pitch; ``pitch``: pitch and formants together."""

    noise_db: float = SNR_DB
    level_db: float = 0.0
    echo: bool = False
    clip_db: float = 0.0
    lost: float = 0.0
    stretch: float = 1.0
    pitch: float = 1.0

    def heard(self, clean: np.ndarray, chance: np.random.Generator) -> bytes:
        """PCM16 with a breath before and after."""
        clean = self._spoken(clean)
        if self.echo:
            clean = echoed(clean)
        if self.clip_db:
            clean = overdriven(clean, self.clip_db)
        clean = clean * np.float32(10 ** (self.level_db / 20))
        noise = (
            chance.normal(0, 1, len(clean))
            * np.sqrt((clean**2).mean())
            * 10 ** (-self.noise_db / 20)
        )
        heard: bytes = np.clip(clean + noise, -_TOP, _TOP).astype("<i2").tobytes()
        return bytes(_BEFORE) + heard + bytes(_AFTER)

    def _spoken(self, clean: np.ndarray) -> np.ndarray:
        if self.stretch != 1.0:
            clean = stretched(clean.astype(np.float32), self.stretch)
        return resampled(clean, g711.RATE_HZ, self.pitch) if self.pitch != 1.0 else clean

    def coded(self, pcm16: bytes) -> bytes:
        """Through mu-law and the bridge's jitter buffer, packets lost on the way (the same ones each time)."""
        chance, buffer, out = random.Random(_LOST_SEED), JitterBuffer(), []
        pcm16 += bytes(-len(pcm16) % FRAME_BYTES + (buffer.depth - 1) * FRAME_BYTES)
        for number, at in enumerate(range(0, len(pcm16), FRAME_BYTES)):
            if number < buffer.depth or chance.random() >= self.lost:
                buffer.put(number, g711.encode(g711.PCMU, pcm16[at : at + FRAME_BYTES]))
            if number >= buffer.depth - 1:
                payload = buffer.pop()
                out.append(g711.decode(g711.PCMU, payload) if payload else g711.SILENT_PCM)
        return b"".join(out)


#: The conditions that both passes are measured under, by name.
CONDITIONS = {
    "noise 25 dB": Line(),
    "noise 15 dB": Line(noise_db=15),
    "noise 10 dB": Line(noise_db=10),
    "level -20 dB": Line(level_db=-20),
    "clipped by 12 dB": Line(clip_db=12),
    "echo": Line(echo=True),
    "2 % of packets lost": Line(lost=0.02),
    "5 % of packets lost": Line(lost=0.05),
    "a quarter faster": Line(stretch=0.8),
    "older: slower, deeper": Line(stretch=1.2, pitch=0.88),
}
