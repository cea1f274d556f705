"""Which voice the robot has: the newest one that was chosen and whose sentences are all rendered.

A choice is rendered in the background while the one before it speaks; then the line changes over
as a whole. What was spoken last stays while sentences that are published later are rendered.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.robot.voice import SHIPPED, VoiceChoice, kept_voices, spoken_now
from app.service.away import StorageAway
from app.service.following import follow
from app.service.notices import VOICE
from app.service.ports import Content, ContentSource, Feed, ReadSessionFactory
from app.service.robot.records import VoiceVersion
from app.service.robot.sentences import Texts, fixed_sentences
from app.service.robot.studio import Studio, StudioFault

log = logging.getLogger(__name__)
LOOK_EVERY_S = 2.0
_TIDY_EVERY_S = 3600.0
#: How many sentences the studio is asked for at a time: another choice waits for no more.
_AT_A_TIME = 4
#: Older choices are not gone back to by themselves.
_CHOICES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceState:
    """What is chosen, what is spoken, and how many of the fixed sentences are there for it."""

    wanted: VoiceChoice
    spoken: VoiceChoice
    made: int
    of: int
    fault: StudioFault


class VoiceKeeper:
    """``refresh`` and ``look`` block; ``follow`` runs them on the event loop's threads."""

    def __init__(self, reads: ReadSessionFactory, content: ContentSource, studio: Studio) -> None:
        self._reads, self._content, self.studio = reads, content, studio
        self._lock = threading.Lock()
        self._choices: Sequence[VoiceChoice] = ()
        self._spoken = SHIPPED
        self._whole = True
        self._read: Content | None = None
        self._texts: Sequence[str] = ()
        self._left: dict[str, Sequence[str]] = {}
        self._tidied_at = float("-inf")
        self._told = StudioFault.NONE
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def state(self) -> VoiceState:
        left = len(self._left.get(self._wanted.voice, ()))
        return VoiceState(
            wanted=self._wanted, spoken=self._spoken, made=len(self._texts) - left,
            of=len(self._texts), fault=self._fault,
        )  # fmt: skip

    def refresh(self) -> None:
        """Another voice may be chosen. Raises StorageAway."""
        with self._reads() as reads:
            versions = reads.find(VoiceVersion)
        with self._lock:
            self._choices = [version.choice for version in versions[: -_CHOICES - 1 : -1]]
            self._left.clear()
        self.look()

    def look(self) -> None:
        """What is still to be made, and whether the line can change over."""
        with self._lock:
            self._follow_content()
            self._count()
            self._change_over()
            self._tell()
            for voice in dict.fromkeys((self._spoken.voice, self._wanted.voice)):
                self.studio.make(voice, self._left.get(voice, ())[:_AT_A_TIME])
            self._tidy()

    @property
    def _wanted(self) -> VoiceChoice:
        return self._choices[0] if self._choices else SHIPPED

    @property
    def _fault(self) -> StudioFault:
        if self._wanted.voice in self.studio.voices:
            return self.studio.fault
        return StudioFault.NO_MODEL

    def _follow_content(self) -> None:
        content = self._content.current()
        if content is self._read:
            return
        self._read, self._texts = content, fixed_sentences(texts_of(content))
        self._left.clear()

    def _count(self) -> None:
        for voice in {self._spoken.voice, *(choice.voice for choice in self._choices[:2])}:
            if voice in self.studio.voices:
                left = self._left.get(voice, self._texts)
                self._left[voice] = self.studio.missing(voice, left)

    def _change_over(self) -> None:
        """The line's own prompts are made with the voice: also anew once the last one is there."""
        spoken = spoken_now(self._choices, self._ready)
        whole, was_whole = not self._left.get(spoken.voice), self._whole
        self._whole = whole
        if spoken == self._spoken and (was_whole or not whole):
            return
        self.studio.speak_as(spoken)
        log.info("the robot speaks with %s at %d %% of its pace", spoken.voice, spoken.pace)
        self._spoken = spoken

    def _ready(self, voice: str) -> bool:
        if voice == SHIPPED.voice:
            return True
        if voice not in self.studio.voices:
            return False
        return voice == self.studio.spoken_last() or not self._left.get(voice, self._texts)

    def _tell(self) -> None:
        fault = self._fault
        if fault is not self._told and fault is not StudioFault.NONE:
            log.error("the robot's voice %s cannot be rendered (%s): %s speaks",
                      self._wanted.voice, fault, self._spoken.voice)  # fmt: skip
        self._told = fault

    def _tidy(self) -> None:
        now = time.monotonic()
        if now - self._tidied_at >= _TIDY_EVERY_S:
            self._tidied_at = now
            self.studio.tidy(kept_voices(self._choices) | {self._spoken.voice}, self._texts)

    # -- on the event loop -------------------------------------------------------------------

    def follow(self, feed: Feed) -> None:
        """Change over whenever a voice is published anywhere, or is rendered here."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(follow(feed, VOICE, self._refresh)),
                       loop.create_task(self._look_on())]  # fmt: skip

    async def _refresh(self) -> None:
        await asyncio.to_thread(self.refresh)

    async def _look_on(self) -> None:
        known = False
        while True:
            try:
                await asyncio.to_thread(self.look if known else self.refresh)
                known = True
            except StorageAway:
                log.debug("the storage is away: the robot's voice is looked for later")
            except Exception:
                log.exception("the robot's voice could not be looked after")
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def texts_of(content: Content) -> Texts:
    """What of the content is spoken on the line."""
    return Texts(
        prompts=content.prompts, dialogs=content.dialogs, faults=content.faults,
        offers=content.offers, entries=content.knowledge.entries,
    )  # fmt: skip
