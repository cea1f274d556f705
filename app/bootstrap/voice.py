"""The robot's voice: a neural one where the operator has one, else espeak-ng."""

import logging
from pathlib import Path

from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.service.ports import Synthesiser
from app.settings import ROOT, Settings

log = logging.getLogger(__name__)

SLOWLY_WPM, SLOWLY = 150, 0.8


def load_voices(folder: Path | None, speaker: int = 0) -> tuple[Synthesiser, Synthesiser]:
    """The voice, and the same for callers who asked for it slowly; a model is loaded once. Raises
    SpeechModelError for a folder without a voice that can be used."""
    if folder is None:
        return EspeakSynthesiser(), EspeakSynthesiser(speed=SLOWLY_WPM)
    from app.adapters.voice.tts_sherpa import SherpaSynthesiser  # noqa: PLC0415  an optional library

    voice = SherpaSynthesiser(folder, speaker)
    return voice, voice.at_speed(SLOWLY)


def make_prompts(settings: Settings, texts: dict[str, str]) -> PromptCache:
    """A voice that cannot be used is told and passed over: callers at night are answered anyway."""
    folder = _usable(settings)
    normal, slow = load_voices(folder, settings.voice_speaker)
    spare = EspeakSynthesiser() if folder is not None else None
    name = f"{folder.resolve()}#{settings.voice_speaker} " if folder is not None else ""
    return PromptCache(normal, texts, ROOT / "prompts" / "robot", settings.home / "prompts",
                       slow, spare, name)  # fmt: skip


def _usable(settings: Settings) -> Path | None:
    if settings.voice is None:
        return None
    from app.adapters.voice.tts_sherpa import voice_fault  # noqa: PLC0415  an optional library

    fault = voice_fault(settings.voice, settings.voice_speaker)
    if fault:
        log.error("HOLDLINE_VOICE is not used, espeak-ng speaks instead: %s", fault)
        return None
    return settings.voice
