"""Recognition."""

from pathlib import Path

from app.adapters.asr_remote import RemoteRecogniser
from app.adapters.asr_switch import SwitchingRecogniser
from app.adapters.asr_vosk import SpeechModelError, VoskRecogniser
from app.bootstrap.store import StartError
from app.settings import Settings


def load_recogniser(folder: Path) -> VoskRecogniser:
    """The recogniser on a model. Raises StartError with what to do."""
    try:
        return VoskRecogniser(folder)
    except SpeechModelError as error:
        raise StartError(str(error)) from None


def make_recogniser(settings: Settings) -> SwitchingRecogniser | RemoteRecogniser:
    """On the chosen model, or on a vosk-server. Raises StartError with what to do."""
    if settings.speech_server:
        return RemoteRecogniser(settings.speech_server)
    return SwitchingRecogniser(load_recogniser, settings.home, settings.speech_model)
