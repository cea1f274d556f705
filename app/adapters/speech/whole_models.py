"""Models that hear whole utterances, whichever engine they are for: the second pass."""

from pathlib import Path
from typing import Protocol

from app.adapters.speech.sherpa_models import describe, is_sherpa
from app.service.second_pass import Reheard


class WholeModel(Protocol):
    """One whole utterance at 8000 Hz, PCM16. Blocking; one thread at a time."""

    def hear(self, pcm16: bytes) -> Reheard: ...


def is_whisper(folder: Path) -> bool:
    """Whether the folder holds Whisper as ctranslate2 keeps it."""
    return (folder / "model.bin").is_file() and (folder / "tokenizer.json").is_file()


def hears_whole(folder: Path) -> bool:
    """Whether the model is for whole utterances. Raises SpeechModelError for one of sherpa-onnx
    of which it cannot be told."""
    return is_whisper(folder) or (is_sherpa(folder) and not describe(folder).streaming)


def load_whole(folder: Path, threads: int = 1) -> WholeModel:
    """The model in memory; ``threads`` is for Whisper. Raises SpeechModelError with what to do."""
    # Here: each engine is a heavy library, and only one is wanted in a process.
    if is_sherpa(folder):
        from app.adapters.speech.asr_sherpa_whole import SherpaWhole  # noqa: PLC0415

        return SherpaWhole(folder)
    from app.adapters.speech.asr_whisper import Whisper  # noqa: PLC0415

    return Whisper(folder, threads)
