"""Models that scripts/test fetches: what hears and speaks naturally. Tests that need one are skipped, and listed, without it."""

import importlib.util

import pytest

from app.adapters.voice.tts_kokoro import MODEL_NAME
from app.settings import Settings

MODELS = Settings().model_folder
WHISPER = MODELS / "whisper-base"
needs_whisper = pytest.mark.skipif(
    not (WHISPER / "model.bin").is_file(), reason="the second pass is not here: holdline model fetch whisper-base"
)
KOKORO = MODELS / MODEL_NAME
needs_kokoro = pytest.mark.skipif(
    not (all(map(importlib.util.find_spec, ("misaki", "onnxruntime"))) and (KOKORO / "model.onnx").is_file()),
    reason="the voice model is not here: holdline model fetch kokoro-82m, and set HOLDLINE_MODELS to its folder's parent",
)
