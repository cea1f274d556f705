"""Kokoro's Mandarin voices, as they come with Holdline (``app/models/kokoro-voices``)."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.adapters.speech.asr_errors import SpeechModelError
from app.settings import ROOT

FOLDER = ROOT / "app" / "models" / "kokoro-voices"
_WIDTH = 256


def voice_names() -> tuple[str, ...]:
    """The voices that there are, by name."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.npy")))


def is_voice(name: str) -> bool:
    """Whether a name, or every name of a blend, is a voice's."""
    return set(name.split("+")) <= set(voice_names())


def style_of(voice: str) -> NDArray[np.float16]:
    """The styles of a voice by number of symbols, or the mean of several joined by ``+``. Raises
    SpeechModelError for an unknown one."""
    if not is_voice(voice):
        raise SpeechModelError(f"no voice {voice!r}; there are {', '.join(voice_names())}")
    styles = [_load(FOLDER / f"{name}.npy").astype(np.float32) for name in voice.split("+")]
    return np.asarray(np.mean(styles, axis=0), np.float16)


@cache
def _load(path: Path) -> NDArray[np.float16]:
    try:
        style = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise SpeechModelError(f"the voice in {path} is broken: {error}") from None
    if style.ndim != 2 or style.shape[1] != _WIDTH or style.dtype != np.float16:
        raise SpeechModelError(f"the voice in {path} is broken: expected float16 by {_WIDTH}")
    return np.asarray(style, np.float16)
