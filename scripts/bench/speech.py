"""What the phones say, made before any clock starts and kept on disk for the next run."""

import hashlib
from pathlib import Path

import numpy as np

from app.media import g711

CACHE = Path(__file__).resolve().parent.parent.parent / "var" / "bench-speech"
CALLER = (
    "我要报停",
    "太贵了",
    "我家电视没信号",
    "宽带断网了",
    "帮我办理拆机",
    "我要转电信那边便宜",
)
AGENT = ("请问您为什么想停呢", "我们现在有一个优惠", "请您把机顶盒重启一下")
_VOICES = {"caller": ("m3", 175), "agent": ("f2", 175)}
_AUDIBLE = 300

#: Twenty milliseconds of PCMU each.
Frames = tuple[bytes, ...]


def trimmed(pcm16: bytes) -> bytes:
    """Without the quiet at its end, so that the last packet is the end of speech."""
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm16, "<i2").astype(np.int32)) > _AUDIBLE)
    return pcm16[: 2 * (int(loud[-1]) + 1)] if len(loud) else b""


def frames_of(pcm16: bytes) -> Frames:
    """Payloads of PCMU, the last one filled up with silence."""
    step = g711.FRAME_BYTES
    whole = (pcm16[at : at + step].ljust(step, b"\0") for at in range(0, len(pcm16), step))
    return tuple(g711.encode(g711.PCMU, frame) for frame in whole)


def _spoken(side: str, text: str) -> bytes:
    variant, speed = _VOICES[side]
    name = hashlib.sha256(f"{variant} {speed} {text}".encode()).hexdigest()[:24]
    kept = CACHE / f"{name}.pcm"
    if not kept.exists():
        from app.adapters.voice.tts_espeak import EspeakSynthesiser  # noqa: PLC0415  only where one is missing

        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(EspeakSynthesiser(variant, speed).speak(text))
    return kept.read_bytes()


def speech() -> dict[str, dict[str, Frames]]:
    """Every sentence of either side, ready to send."""
    sides = {"caller": CALLER, "agent": AGENT}
    return {
        side: {text: frames_of(trimmed(_spoken(side, text))) for text in texts}
        for side, texts in sides.items()
    }
