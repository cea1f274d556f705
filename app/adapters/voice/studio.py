"""Renderings of the robot's voices on the disk, and which of them the line speaks with."""

import logging
import shutil
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from app.adapters.voice.background_voice import BackgroundVoice, Rank
from app.adapters.voice.kept_voice import KeptVoice, kept
from app.adapters.voice.natural_voice import NaturalVoice
from app.adapters.voice.prompt_cache import PromptCache
from app.adapters.voice.robot_voice import RobotVoice, rendered_path
from app.domain.refusal import Invalid, RefusalCode
from app.domain.robot.speaker import sentences
from app.domain.robot.voice import SHIPPED, VoiceChoice
from app.language.texts.read_aloud import read_aloud
from app.language.texts.splicing import as_recorded
from app.media.pace import at_pace
from app.service.robot.studio import SampleLate, StudioFault

log = logging.getLogger(__name__)

#: Sentences with a caller's figures, and samples: how many are kept of a voice, and for how long.
_MOST_OTHERS, _OTHERS_S = 1000, 7 * 86_400.0
_SAMPLES, _SPOKEN_LAST = "samples", "spoken"
#: How long somebody waits for a sample, and how many may listen at once.
SAMPLE_WAIT_S, _LISTENERS = 20.0, 2
_LOOK_S = 0.1


class VoiceStudio:
    """Implements the port Studio. ``background`` is None where the model is not here."""

    def __init__(
        self, natural: NaturalVoice, spare: KeptVoice, folder: Path, prompts: PromptCache,
        voices: tuple[str, ...], background: BackgroundVoice | None,
    ) -> None:  # fmt: skip
        self._natural, self._spare, self._folder = natural, spare, folder
        self._prompts, self._voices, self._background = prompts, voices, background
        self._listeners = threading.Semaphore(_LISTENERS)

    @property
    def voices(self) -> tuple[str, ...]:
        return self._voices

    @property
    def fault(self) -> StudioFault:
        return self._background.fault if self._background is not None else StudioFault.NONE

    def missing(self, voice: str, texts: Sequence[str]) -> Sequence[str]:
        return [text for text in texts if self._can_make(voice, text)]

    def _can_make(self, voice: str, text: str) -> bool:
        if voice == SHIPPED.voice and self._natural.records(read_aloud(text)):
            return False
        path = self._path(voice, text)
        return not (self._background is None or path.is_file() or self._background.failed(path))

    def _path(self, voice: str, text: str) -> Path:
        return rendered_path(self._folder, voice, read_aloud(text))

    def make(self, voice: str, texts: Sequence[str]) -> None:
        if self._background is None:
            return
        for text in texts:
            said = as_recorded(read_aloud(text))
            self._background.later(said, self._path(voice, text), voice, Rank.FIXED)

    def speak_as(self, choice: VoiceChoice) -> None:
        self._prompts.speak_with(self._speaking(choice))
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / _SPOKEN_LAST).write_text(choice.voice, encoding="utf-8")
        except OSError as error:
            log.warning("which voice is spoken is not kept: %s", error)

    def _speaking(self, choice: VoiceChoice) -> RobotVoice:
        later = self._background.later if self._background is not None else None
        return RobotVoice(self._natural, self._spare, self._folder, choice, later)

    def spoken_last(self) -> str:
        try:
            return (self._folder / _SPOKEN_LAST).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return ""

    # -- hearing before publishing -----------------------------------------------------------

    def sample(self, choice: VoiceChoice, text: str) -> bytes:
        said = [read_aloud(sentence) for sentence in sentences(text)]
        if not _has_words(text):
            raise Invalid(RefusalCode.VOICE_TEXT, "the sentence has no words")
        until = time.monotonic() + SAMPLE_WAIT_S
        return b"".join(self._heard(choice, each, until) for each in said if _has_words(each))

    def _heard(self, choice: VoiceChoice, said: str, until: float) -> bytes:
        there = self._speaking(choice).there(said)
        if there is None and self._background is None:
            return self._speaking(choice).speak(said)
        if there is None and self._background is not None:
            there = self._waited_for(self._background, choice.voice, said, until)
        return at_pace(there or b"", choice.speed)

    def _waited_for(
        self, background: BackgroundVoice, voice: str, said: str, until: float
    ) -> bytes:
        if not self._listeners.acquire(blocking=False):
            raise SampleLate("others listen already")
        try:
            return self._made_until(background, voice, said, until)
        finally:
            self._listeners.release()

    def _made_until(
        self, background: BackgroundVoice, voice: str, said: str, until: float
    ) -> bytes:
        path = rendered_path(self._folder / _SAMPLES, voice, said)
        while (found := kept(path)) is None:
            if background.failed(path):
                raise Invalid(RefusalCode.VOICE_TEXT, "the voice has no sound for this sentence")
            background.later(as_recorded(said), path, voice, Rank.SOMEBODY_LISTENS)
            if time.monotonic() >= until or background.fault:
                raise SampleLate("not rendered yet")
            time.sleep(_LOOK_S)
        return found

    # -- the disk ----------------------------------------------------------------------------

    def tidy(self, voices: frozenset[str], texts: Sequence[str]) -> None:
        for folder in self._folders(self._folder):
            if folder.name == _SAMPLES:
                for samples in self._folders(folder):
                    _drop_old(samples, frozenset())
            elif folder.name in voices:
                _drop_old(folder, frozenset(self._path(folder.name, text) for text in texts))
            else:
                log.info("the renderings of the voice %s are removed", folder.name)
                shutil.rmtree(folder, ignore_errors=True)

    @staticmethod
    def _folders(folder: Path) -> list[Path]:
        return [path for path in folder.glob("*") if path.is_dir()]


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _drop_old(folder: Path, fixed: frozenset[Path]) -> None:
    """Leave the fixed sentences, and the newest of the others for a while."""
    others = sorted(_times(folder, fixed), reverse=True)
    oldest = time.time() - _OTHERS_S
    for at, (made_at, path) in enumerate(others):
        if at >= _MOST_OTHERS or made_at < oldest:
            path.unlink(missing_ok=True)


def _times(folder: Path, fixed: frozenset[Path]) -> list[tuple[float, Path]]:
    found = []
    for path in folder.glob("*"):
        try:
            if path not in fixed:
                found.append((path.stat().st_mtime, path))
        except OSError:
            log.debug("%s went away meanwhile", path.name)
    return found
