"""Where the voice model lies while something is recorded."""

import os
from pathlib import Path

from app.adapters.voice.tts_kokoro import MODEL_NAME
from app.settings import Settings


def model_folder() -> Path:
    """In HOLDLINE_MODELS, else in HOLDLINE_HOME/models."""
    models = os.environ.get("HOLDLINE_MODELS")
    return (Path(models) if models else Settings().home / "models") / MODEL_NAME
