"""Which speech models are here and in use.

No recogniser is loaded: processes that make a graph need this, and the libraries of both do not
live in one.
"""

from app.adapters.speech.asr_switch import chosen_model
from app.adapters.speech.learned_models import LearnedModels
from app.settings import EMBEDDED_MODEL, Settings


def learned_models(settings: Settings) -> LearnedModels:
    """The models that learned from own calls, and which one is in use."""
    return LearnedModels(settings.home / "models" / "learned", settings.home, settings.speech_model)


def adaptable(settings: Settings) -> bool:
    """Whether the model in use is the embedded one, or was made from it."""
    if settings.speech_server:
        return False
    folder = chosen_model(settings.home, settings.speech_model).folder
    ours = (settings.adapted_model.resolve(), *learned_models(settings).all())
    return folder in (EMBEDDED_MODEL, *ours)
