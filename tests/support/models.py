"""Models that scripts/test fetches: what hears and speaks naturally. Tests that need one are skipped, and listed, without it."""

import pytest

from app.settings import Settings

MODELS = Settings().model_folder
WHISPER = MODELS / "whisper-base"
needs_whisper = pytest.mark.skipif(
    not (WHISPER / "model.bin").is_file(), reason="the second pass is not here: holdline model fetch whisper-base"
)
