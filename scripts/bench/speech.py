"""What simulated people say, made before any clock starts and kept on disk for the next run.

In espeak-ng's voices, or in natural ones that no model was trained with.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.media import g711
from scripts.train_speech_model.held_out import HELD_OUT_MANDARIN

if TYPE_CHECKING:
    from app.adapters.voice.tts_kokoro import KokoroSynthesiser

_VAR = Path(__file__).resolve().parent.parent.parent / "var"
CACHE = _VAR / "bench-speech"
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
#: Callers take turns; no model was trained with any of them.
_NATURAL = {"caller": HELD_OUT_MANDARIN, "agent": HELD_OUT_MANDARIN[1:]}
#: What a natural caller says beside it, as long as people's sentences are.
_LONGER = (
    "你好我想把家里的有线电视停掉一段时间",
    "你们这个宽带一到晚上就特别慢根本看不了",
    "上个月的账单怎么比平时多了三十块钱",
    "我下个月要搬家想问一下移机怎么办",
)
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


def models() -> Path:
    """Where fetched models are, as scripts/run keeps them."""
    return Path(os.environ.get("HOLDLINE_MODELS", _VAR / "models"))


def _kept(name: str, text: str, speak: Callable[[str], bytes]) -> bytes:
    kept = CACHE / f"{hashlib.sha256(f'{name} {text}'.encode()).hexdigest()[:24]}.pcm"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(speak(text))
    return kept.read_bytes()


def _by_espeak(side: str, text: str) -> bytes:
    from app.adapters.voice.tts_espeak import EspeakSynthesiser  # noqa: PLC0415  only where one is missing

    variant, speed = _VOICES[side]
    return _kept(
        f"{variant} {speed}", text, lambda said: EspeakSynthesiser(variant, speed).speak(said)
    )


class NaturalVoice:
    """A voice of Kokoro whose sentences are kept. Speaking raises SpeechModelError without the
    model (holdline model fetch kokoro-82m) where one is not kept."""

    def __init__(self, voice: str) -> None:
        self._voice = voice

    def speak(self, text: str) -> bytes:
        """PCM16 at 8000 Hz."""
        return _kept(self._voice, text, lambda said: _kokoro().at(self._voice).speak(said))


@cache
def _kokoro() -> "KokoroSynthesiser":
    from app.adapters.voice.tts_kokoro import MODEL_NAME, KokoroSynthesiser  # noqa: PLC0415  only where one is missing

    return KokoroSynthesiser(models() / MODEL_NAME)


def _by_nature(side: str, at: int, text: str) -> bytes:
    return NaturalVoice(_NATURAL[side][at % len(_NATURAL[side])]).speak(text)


def speech(*, natural: bool = False) -> dict[str, dict[str, Frames]]:
    """Every sentence of either side, ready to send."""
    sides = {"caller": (*CALLER, *_LONGER) if natural else CALLER, "agent": AGENT}
    return {
        side: {
            text: frames_of(
                trimmed(_by_nature(side, at, text) if natural else _by_espeak(side, text))
            )
            for at, text in enumerate(texts)
        }
        for side, texts in sides.items()
    }
