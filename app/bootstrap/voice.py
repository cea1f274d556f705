"""The robot's voice: the operator's own neural one, else the natural one that comes with Holdline,
else espeak-ng."""

import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from app.adapters.voice.background_voice import BackgroundVoice
from app.adapters.voice.kept_voice import KeptVoice
from app.adapters.voice.kokoro_voices import is_voice, voice_names
from app.adapters.voice.natural_voice import NaturalVoice
from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.robot_voice import SLOWLY, RobotVoice
from app.adapters.voice.studio import VoiceStudio
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.adapters.voice.tts_kokoro import MODEL_NAME, ROBOT_VOICE, KokoroSynthesiser
from app.bootstrap.store import child_environment
from app.domain.robot.voice import SHIPPED, voice_choices
from app.language.texts.read_aloud import read_aloud
from app.media.pace import at_pace
from app.service.ports import Synthesiser
from app.settings import ROOT, Settings

log = logging.getLogger(__name__)

SLOWLY_WPM = 150
ESPEAK = "espeak"
#: What a light installation does without.
KOKORO_LIBRARIES = ("misaki", "onnxruntime")


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsVoice:
    """What the line says, and who makes the rest of it in the background; ``studio`` where
    supervisors choose the voice."""

    prompts: PromptCache
    background: BackgroundVoice | None = None
    studio: VoiceStudio | None = None

    @property
    def voices(self) -> tuple[str, ...]:
        """What supervisors can choose from."""
        return self.studio.voices if self.studio is not None else ()

    def close(self) -> None:
        if self.background is not None:
            self.background.close()


def kokoro_folder(settings: Settings) -> Path | None:
    """The natural voice's model; None where it was not fetched, or this is a light installation."""
    folder = settings.model_folder / MODEL_NAME
    whole = (folder / "model.onnx").is_file() and all(map(find_spec, KOKORO_LIBRARIES))
    return folder if whole else None


def load_voices(name: str, settings: Settings) -> tuple[Synthesiser, Synthesiser]:
    """A voice, and the same for callers who asked for it slowly; a model is loaded once. ``name``:
    ``espeak``, a voice of Kokoro or a blend of them, or a folder of sherpa-onnx. Raises
    SpeechModelError for a voice that cannot be used."""
    if name == ESPEAK:
        return EspeakSynthesiser(), EspeakSynthesiser(speed=SLOWLY_WPM)
    if is_voice(name):
        natural = KokoroSynthesiser(settings.model_folder / MODEL_NAME, name)
        return natural, natural.at(name, SLOWLY)
    from app.adapters.voice.tts_sherpa import SherpaSynthesiser  # noqa: PLC0415  an optional library

    voice = SherpaSynthesiser(Path(name), settings.voice_speaker)
    return voice, voice.at_speed(SLOWLY)


def default_voice(settings: Settings) -> str:
    """The name of the voice that ``say`` speaks with where none is named."""
    if settings.voice is not None:
        return str(settings.voice)
    return ROBOT_VOICE if kokoro_folder(settings) is not None else ESPEAK


def say_as_robot(text: str, settings: Settings, *, slow: bool = False) -> bytes:
    """A sentence as the robot would say it once its voice has made it. Raises SpeechModelError."""
    natural = NaturalVoice.shipped(ROBOT_VOICE) if settings.voice is None else None
    recorded = natural.whole(text) if natural is not None else None
    if recorded is not None:
        return at_pace(recorded, SLOWLY) if slow else recorded
    return say_with(default_voice(settings), text, settings, slow=slow)


def say_with(name: str, text: str, settings: Settings, *, slow: bool = False) -> bytes:
    """A sentence by a named voice. Raises SpeechModelError."""
    normal, slowly = load_voices(name, settings)
    return (slowly if slow else normal).speak(read_aloud(text))


def make_prompts(settings: Settings, texts: dict[str, str]) -> RobotsVoice:
    """A voice that cannot be used is told and passed over: callers at night are answered anyway."""
    folder = _usable(settings)
    if folder is not None:
        return RobotsVoice(prompts=_operators_own(folder, settings, texts))
    natural = NaturalVoice.shipped(ROBOT_VOICE)
    return _natural(natural, settings, texts) if natural is not None else _espeak(settings, texts)


def _operators_own(folder: Path, settings: Settings, texts: dict[str, str]) -> PromptCache:
    normal, slow = load_voices(str(folder), settings)
    name = f"{folder.resolve()}#{settings.voice_speaker} "
    return PromptCache(normal, texts, ROOT / "prompts" / "robot", settings.home / "prompts",
                       slow, EspeakSynthesiser(), name)  # fmt: skip


def _espeak(settings: Settings, texts: dict[str, str]) -> RobotsVoice:
    normal, slow = load_voices(ESPEAK, settings)
    recordings, kept = ROOT / "prompts" / "robot", settings.home / "prompts"
    return RobotsVoice(prompts=PromptCache(normal, texts, recordings, kept, slow))


def _natural(natural: NaturalVoice, settings: Settings, texts: dict[str, str]) -> RobotsVoice:
    """Recordings, and where its model is here, new sentences in the background."""
    kept, voices = settings.home / "prompts", settings.home / "voices"
    spare = EspeakSynthesiser()
    model = kokoro_folder(settings) is not None
    background = BackgroundVoice(child_environment(settings)) if model else None
    later = background.later if background is not None else None
    speaking = RobotVoice(natural, KeptVoice(spare, kept), voices, later=later)
    prompts = PromptCache(spare, texts, ROOT / "prompts" / "robot", kept, natural=speaking)
    offered = voice_choices(voice_names()) if model else (SHIPPED.voice,)
    studio = VoiceStudio(natural, KeptVoice(spare, kept), voices, prompts, offered, background)
    return RobotsVoice(prompts=prompts, background=background, studio=studio)


def _usable(settings: Settings) -> Path | None:
    if settings.voice is None:
        return None
    from app.adapters.voice.tts_sherpa import voice_fault  # noqa: PLC0415  an optional library

    fault = voice_fault(settings.voice, settings.voice_speaker)
    if fault:
        log.error(
            "HOLDLINE_VOICE is not used, the recorded voice or espeak-ng speaks instead: %s", fault
        )
        return None
    return settings.voice
