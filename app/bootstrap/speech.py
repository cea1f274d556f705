"""Chooses and loads the recogniser that the settings ask for."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_remote import RemoteRecogniser
from app.adapters.speech.asr_sherpa import SherpaRecogniser
from app.adapters.speech.asr_switch import ModelChoice, SwitchingRecogniser, chosen_model
from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.speech.model_parts import WHISPER_BASE, is_whole
from app.adapters.speech.second_pass import SecondPassProcess
from app.adapters.speech.second_pass_measured import MeasuredSecondPass, SwitchingSecondPass
from app.adapters.speech.sherpa_models import is_sherpa
from app.adapters.speech.whole_models import load_whole
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.bootstrap.store import StartError
from app.service.calls.hearing import Final
from app.service.calls.reheard import reheard_words
from app.service.ports import Recogniser
from app.settings import Settings


def load_recogniser(folder: Path, hot_words: Sequence[str] = ()) -> Recogniser:
    """The recogniser on a model of either engine. Raises StartError with what to do."""
    try:
        return SherpaRecogniser(folder, hot_words) if is_sherpa(folder) else VoskRecogniser(folder)
    except SpeechModelError as error:
        raise StartError(str(error)) from None


def make_recogniser(
    settings: Settings, hot_words: Callable[[], Sequence[str]] = tuple
) -> SwitchingRecogniser | RemoteRecogniser:
    """On the chosen model, or on a vosk-server. Raises StartError with what to do.

    ``hot_words`` go to the engines that can boost words: transducers of sherpa-onnx. The embedded
    model has the operator's words in its graph (``holdline model adapt``), others of vosk cannot.
    """
    if settings.speech_server:
        return RemoteRecogniser(settings.speech_server)

    def load(choice: ModelChoice) -> Recogniser:
        return load_recogniser(choice.folder, hot_words())

    return SwitchingRecogniser(load, settings.home, settings.speech_model)


def second_model(settings: Settings) -> Path | None:
    """The folder of what hears finals again: the model that ``holdline model use --second`` chose,
    else Whisper; None where neither is here."""
    chosen = chosen_model(settings.home, settings.speech_model).second
    if chosen is not None:
        return chosen
    usual = settings.model_folder / WHISPER_BASE.name
    return usual if is_whole(WHISPER_BASE, settings.model_folder) else None


def make_second_pass(
    settings: Settings, environment: Mapping[str, str]
) -> SwitchingSecondPass | None:
    """The chosen model, where one is here and wanted; it measures itself when it starts."""
    first = second_model(settings) if settings.second_pass else None
    if first is None:
        return None

    def make(folder: Path) -> MeasuredSecondPass:
        return MeasuredSecondPass(SecondPassProcess(folder, environment), sample)

    return SwitchingSecondPass(make, first, lambda: second_model(settings))


def sample() -> bytes:
    """A sentence of three seconds: what is heard of it does not matter, how long it takes does."""
    return EspeakSynthesiser().speak("您好，我家的宽带上不了网了，麻烦帮我看一下")


def hearing_again(settings: Settings) -> Callable[[Final], Final | None]:
    """Whisper in this process, for files: what it hears in place of the first pass's words; None
    where it hears no speech, such as in music. Raises StartError where the model is not here."""
    folder = settings.model_folder / WHISPER_BASE.name
    if not is_whole(WHISPER_BASE, settings.model_folder):
        raise StartError(f"Whisper is not here: run 'holdline model fetch {WHISPER_BASE.name}'")
    try:
        whisper = load_whole(folder, threads=os.cpu_count() or 1)
    except SpeechModelError as error:
        raise StartError(str(error)) from None

    def again(final: Final) -> Final | None:
        heard = whisper.hear(final.pcm16)
        words = reheard_words(heard, final.words, final.end_ms - final.start_ms)
        return replace(final, words=words) if words else None

    return again
