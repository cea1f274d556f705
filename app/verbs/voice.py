"""The verbs ``say``, hear the robot's voice, and ``voice-job``, the brain's sentences in it."""

import argparse
import json
import sys
from pathlib import Path

from app.adapters.speech.asr_errors import SpeechModelError
from app.adapters.voice.background_voice import ENDS, MADE, NOT_KEPT
from app.adapters.voice.kept_voice import store
from app.adapters.voice.tts_kokoro import MODEL_NAME, KokoroSynthesiser
from app.media import wav
from app.media.g711 import RATE_HZ
from app.settings import Settings
from app.verbs import VerbError


def say(chosen: argparse.Namespace, settings: Settings) -> int:
    """A sentence as the robot would say it, as a WAV file or only to try the voice."""
    try:
        pcm16 = _spoken(chosen, settings)
    except SpeechModelError as error:
        raise VerbError(str(error)) from None
    if chosen.out is not None:
        try:
            chosen.out.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)))
        except OSError as error:
            raise VerbError(f"{chosen.out} cannot be written: {error.strerror}") from None
    print(f"{len(pcm16) / 2 / RATE_HZ:.2f} s{f' in {chosen.out}' if chosen.out else ''}")
    return 0


def _spoken(chosen: argparse.Namespace, settings: Settings) -> bytes:
    from app.bootstrap.voice import say_as_robot, say_with  # noqa: PLC0415  loading takes a while

    if chosen.speaker is not None:
        settings = settings.model_copy(update={"voice_speaker": chosen.speaker})
    if chosen.voice:
        return say_with(chosen.voice, chosen.text, settings, slow=chosen.slow)
    return say_as_robot(chosen.text, settings, slow=chosen.slow)


def voice_job(_: argparse.Namespace, settings: Settings) -> int:
    """Sentences from standard input (JSON lines: text, path, voice), each answered with ``made``
    or why it could not be."""
    try:
        voice = KokoroSynthesiser(settings.model_folder / MODEL_NAME)
    except SpeechModelError as error:
        print(f"{ENDS}{error}", flush=True)
        return 1
    for line in sys.stdin:
        print(_made(voice, json.loads(line)), flush=True)
    return 0


def _made(voice: KokoroSynthesiser, wanted: dict[str, str]) -> str:
    try:
        store(Path(wanted["path"]), voice.at(wanted["voice"]).speak(wanted["text"]))
    except SpeechModelError as error:
        return str(error)
    except OSError as error:
        return f"{NOT_KEPT}{error.strerror or error}"
    return MADE
