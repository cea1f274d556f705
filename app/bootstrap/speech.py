"""Recognition."""

from app.adapters.asr_vosk import SpeechModelError, VoskRecogniser
from app.bootstrap.store import StartError
from app.settings import Settings


def make_recogniser(settings: Settings) -> VoskRecogniser:
    """The recogniser on the configured model. Raises StartError with what to do."""
    try:
        return VoskRecogniser(settings.speech_model)
    except SpeechModelError as error:
        raise StartError(str(error)) from None
