"""The voices of simulated callers and agents: recorded, made now, or espeak-ng's."""

import logging
from collections.abc import Callable, Mapping, Sequence

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.kokoro_voices import is_voice, voice_names
from app.adapters.voice.recordings import Recordings, RecordingsError, load_recordings
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.adapters.voice.tts_kokoro import KokoroSynthesiser
from app.bootstrap.voice import ESPEAK, kokoro_folder, load_voices
from app.service.ports import Synthesiser
from app.settings import Settings

log = logging.getLogger(__name__)

NATURAL = "natural"
CALLER, AGENT, OTHER_AGENT = "zm_yunxi", "zf_xiaobei", "zm_yunjian"
CHOICES = (ESPEAK, NATURAL, *voice_names())
_ESPEAK = {"caller": ("m3", 175), "agent": ("f2", 175)}


class RecordedSpeaker:
    """Speaks what is recorded of a voice, and has the rest made, in that voice or another."""

    def __init__(self, recordings: Recordings | None, other: Callable[[], Synthesiser]) -> None:
        self._recordings, self._other = recordings, other
        self._made: Synthesiser | None = None

    def speak(self, text: str) -> bytes:
        """PCM16 of a sentence. Blocking; raises what the other voice raises."""
        recorded = self._recordings.pcm16(text) if self._recordings is not None else None
        if recorded is not None:
            return recorded
        self._made = self._made or self._other()
        return self._made.speak(text)


def pack_name(voice: str) -> str:
    """The recordings of the stories' sentences in a voice."""
    return f"{voice}-scenarios"


def simulator_voices(
    name: str, settings: Settings, accents: Sequence[str] = ()
) -> Mapping[str, Synthesiser]:
    """The caller's and the agent's voice. ``name``: ``espeak``, ``natural``, or a
    caller's voice or blend of voices; ``accents``: the caller's. Raises SpeechModelError for an
    accent where no model of natural voices is."""
    if accents:
        return {**simulator_voices(name, settings), "caller": _accented(name, settings, accents)}
    if name == ESPEAK:
        return {side: EspeakSynthesiser(*voice) for side, voice in _ESPEAK.items()}
    caller = CALLER if name == NATURAL else name
    agent = AGENT if caller != AGENT else OTHER_AGENT
    return {side: _speaker(side, voice, settings)
            for side, voice in (("caller", caller), ("agent", agent))}  # fmt: skip


def _accented(name: str, settings: Settings, accents: Sequence[str]) -> Synthesiser:
    folder = kokoro_folder(settings)
    if folder is None or name == ESPEAK:
        raise SpeechModelError(
            "only natural voices have accents, and their model has to be here:"
            " holdline model fetch kokoro-82m"
        )
    return KokoroSynthesiser(folder, CALLER if name == NATURAL else name).with_accents(accents)


def is_simulator_voice(name: str) -> bool:
    return name in CHOICES or is_voice(name)


def _speaker(side: str, voice: str, settings: Settings) -> Synthesiser:
    try:
        recordings = load_recordings(pack_name(voice))
    except RecordingsError:
        recordings = None
    return RecordedSpeaker(recordings, lambda: _other(side, voice, settings))


def _other(side: str, voice: str, settings: Settings) -> Synthesiser:
    """The voice itself where its model is here, else espeak-ng."""
    if kokoro_folder(settings) is None:
        log.warning("%s is not recorded saying that, and its model is not here: espeak-ng speaks"
                    " (holdline model fetch kokoro-82m)", voice)  # fmt: skip
        return EspeakSynthesiser(*_ESPEAK[side])
    return load_voices(voice, settings)[0]
