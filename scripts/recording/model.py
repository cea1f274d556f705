"""Where the voice model lies while something is recorded."""

from pathlib import Path

from app.adapters.voice.tts_kokoro import MODEL_NAME
from app.settings import Settings


def model_folder() -> Path:
    """In HOLDLINE_MODELS, else in HOLDLINE_HOME/models."""
    return Settings().model_folder / MODEL_NAME
