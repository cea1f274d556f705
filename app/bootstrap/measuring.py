"""A speech model, loaded and timed in this process: what ``holdline model check`` does."""

import resource
from dataclasses import dataclass
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.hearing_speed import timed
from app.adapters.speech.whole_models import hears_whole, load_whole
from app.bootstrap.speech import load_recogniser, sample
from app.bootstrap.store import StartError
from app.domain.calls.hearing_capacity import Speed
from app.service.calls.hearing import words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """For a second of speech: ``wall`` seconds that pass and ``cpu`` seconds of all cores;
    ``memory_mb``: the most that the process held, itself included."""

    wall: float
    cpu: float
    memory_mb: int


def measured(folder: Path) -> Measured:
    """Either kind of model. Raises StartError where it does not load."""
    speed = _whole(folder) if hears_whole(folder) else _streaming(folder)
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Measured(wall=speed.wall, cpu=speed.cpu, memory_mb=peak_kb >> 10)


def _whole(folder: Path) -> Speed:
    try:
        return timed(load_whole(folder).hear, sample())
    except SpeechModelError as error:
        raise StartError(str(error)) from None


def _streaming(folder: Path) -> Speed:
    recogniser = load_recogniser(folder)
    return timed(lambda pcm16: words_of(recogniser, pcm16), sample())
