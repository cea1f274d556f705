"""Chooses and loads the recogniser that the settings ask for."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.speech.asr_remote import RemoteRecogniser
from app.adapters.speech.asr_sherpa import SherpaRecogniser
from app.adapters.speech.asr_switch import ModelChoice, SwitchingRecogniser
from app.adapters.speech.asr_two_pass import SherpaRewriter, TwoPassRecogniser
from app.adapters.speech.asr_vosk import VoskRecogniser
from app.adapters.speech.asr_whisper import Whisper
from app.adapters.speech.model_parts import WHISPER_BASE, is_whole
from app.adapters.speech.second_pass import WhisperSecondPass
from app.adapters.speech.second_pass_measured import MeasuredSecondPass
from app.adapters.speech.sherpa_models import is_sherpa
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.bootstrap.store import StartError
from app.service.calls.hearing import Final
from app.service.calls.second_hearing import reheard_words
from app.service.ports import Recogniser
from app.settings import Settings


def load_recogniser(
    folder: Path, second: Path | None = None, hot_words: Sequence[str] = ()
) -> Recogniser:
    """The recogniser on a model of either engine. Raises StartError with what to do."""
    try:
        first: Recogniser = (
            SherpaRecogniser(folder, hot_words) if is_sherpa(folder) else VoskRecogniser(folder)
        )
        return TwoPassRecogniser(first, SherpaRewriter(second)) if second else first
    except SpeechModelError as error:
        raise StartError(str(error)) from None


def check_second(folder: Path) -> None:
    """Raise StartError where a folder holds no whole-utterance model."""
    try:
        SherpaRewriter(folder)
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
        return load_recogniser(choice.folder, choice.second, hot_words())

    return SwitchingRecogniser(load, settings.home, settings.speech_model)


def make_second_pass(
    settings: Settings, environment: Mapping[str, str]
) -> MeasuredSecondPass | None:
    """Whisper, where it was fetched and is wanted; it measures itself when it starts."""
    if not settings.second_pass or not is_whole(WHISPER_BASE, settings.model_folder):
        return None
    folder = settings.model_folder / WHISPER_BASE.name
    return MeasuredSecondPass(WhisperSecondPass(folder, environment), _sample)


def _sample() -> bytes:
    """A sentence of three seconds: what is heard of it does not matter, how long it takes does."""
    return EspeakSynthesiser().speak("您好，我家的宽带上不了网了，麻烦帮我看一下")


def hearing_again(settings: Settings) -> Callable[[Final], Final]:
    """Whisper in this process, for files: what it hears in place of the first pass's words, which
    stay where it hears nothing. Raises StartError where the model is not here."""
    folder = settings.model_folder / WHISPER_BASE.name
    if not is_whole(WHISPER_BASE, settings.model_folder):
        raise StartError(f"Whisper is not here: run 'holdline model fetch {WHISPER_BASE.name}'")
    try:
        whisper = Whisper(folder, threads=os.cpu_count() or 1)
    except SpeechModelError as error:
        raise StartError(str(error)) from None

    def again(final: Final) -> Final:
        return replace(final, words=reheard_words(whisper.hear(final.pcm16), final) or final.words)

    return again
