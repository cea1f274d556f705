"""The verb ``say``: hear the robot's voice."""

import argparse

from app.adapters.speech.asr_errors import SpeechModelError
from app.language.texts.read_aloud import read_aloud
from app.media import wav
from app.media.g711 import RATE_HZ
from app.settings import Settings
from app.verbs import VerbError


def say(chosen: argparse.Namespace, settings: Settings) -> int:
    """A sentence as the robot would say it, as a WAV file or only to try the voice."""
    from app.bootstrap.voice import load_voices  # noqa: PLC0415  loading a voice takes a while

    folder = chosen.voice or settings.voice
    speaker = settings.voice_speaker if chosen.speaker is None else chosen.speaker
    try:
        normal, slow = load_voices(folder, speaker)
        pcm16 = (slow if chosen.slow else normal).speak(read_aloud(chosen.text))
    except SpeechModelError as error:
        raise VerbError(str(error)) from None
    if chosen.out is not None:
        try:
            chosen.out.write_bytes(wav.dump(wav.WavAudio(RATE_HZ, 1, pcm16)))
        except OSError as error:
            raise VerbError(f"{chosen.out} cannot be written: {error.strerror}") from None
    print(f"{len(pcm16) / 2 / RATE_HZ:.2f} s{f' in {chosen.out}' if chosen.out else ''}")
    return 0
