"""Both sides of one call: frames in, what was said and understood out. Outlives its engine."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Protocol

from app.domain.calls.ids import CALLER, LegId
from app.language.understanding.engine import Situation, Understanding, UnderstandingEngine
from app.language.understanding.incremental import Early, Incremental
from app.language.understanding.patience import patience_ms
from app.link.codec import Audio
from app.media.g711 import FRAME_BYTES
from app.service.calls.hearing import Deaf, Final, Partial, PatientHearing
from app.service.ports import Recogniser

log = logging.getLogger(__name__)

#: An engine that takes longer over a tenth of a second of audio will not come back.
STALLED_S = 10.0


class Ears(Protocol):
    """What hearing needs of the switchboard around it."""

    @property
    def recogniser(self) -> Recogniser: ...
    @property
    def pool(self) -> Executor: ...

    def renew_pool(self, stuck: Executor) -> None: ...
    def engine(self) -> UnderstandingEngine: ...
    def situation(self, call_id: str, agent_words: str, heard: float) -> Situation: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """What one side said, is saying, or why it is not heard; callers' words are understood."""

    side: str
    what: Partial | Final | Deaf
    understanding: Understanding | None = None
    early: Early | None = None
    situation: Situation | None = None

    @property
    def text(self) -> str:
        if isinstance(self.what, Partial):
            return self.what.text
        return "".join(w.word for w in self.what.words) if isinstance(self.what, Final) else ""


class CallHearing:
    """Runs on the event loop; recognition and understanding run in the pool."""

    def __init__(self, ears: Ears, call_id: str, stalled_s: float = STALLED_S) -> None:
        self._ears, self._call_id, self._stalled_s = ears, call_id, stalled_s
        self._sides: dict[str, PatientHearing] = {}
        self._incremental = Incremental()
        self._agent_words = ""
        #: What the robot has asked for, where it talks: a section of short replies.
        self.expecting = ""
        self._stalls = 0

    def hear(self, side: str, frame: int) -> None:
        """Hear this side from a frame on."""
        if side not in self._sides:
            self._sides[side] = self._listen(frame)

    def _listen(self, frame: int) -> PatientHearing:
        return PatientHearing(
            self._ears.recogniser, frame, lambda text: patience_ms(self._ears.engine(), text)
        )

    def safe_frame(self, side: str, here: int) -> int:
        """Frames before this one need not be heard again."""
        hearing = self._sides.get(side)
        return hearing.safe_frame if hearing is not None else here

    @property
    def caller_quiet_ms(self) -> int:
        hearing = self._sides.get(CALLER)
        return hearing.quiet_ms if hearing is not None else 0

    @property
    def caller_speaking_ms(self) -> int:
        hearing = self._sides.get(CALLER)
        return hearing.speaking_ms if hearing is not None else 0

    async def feed(self, audio: Audio) -> list[Heard]:
        """Consecutive frames of both sides."""
        if not self._sides:
            return []
        return await self._patiently(
            lambda: self._recognise(audio), audio.first_frame + audio.frames
        )

    async def flush(self, frame: int) -> list[Heard]:
        """The rest, at the end of the call."""
        return await self._patiently(self._last_words, frame)

    async def _patiently(self, work: Callable[[], list[Heard]], frame: int) -> list[Heard]:
        """In the pool, but never for ever: an engine that stalls is left behind with its thread."""
        pool = self._ears.pool
        job = asyncio.get_running_loop().run_in_executor(pool, work)
        try:
            return await asyncio.wait_for(asyncio.shield(job), self._stalled_s)
        except TimeoutError:
            log.error("recognition has stalled: this call is not heard for a while")
            self._ears.renew_pool(pool)
        deaf: list[Heard] = []
        self._stalls += 1
        for side in self._sides:
            self._sides[side] = self._listen(frame)
            deaf.append(
                Heard(side, self._sides[side].wait(frame, "the engine stalled", self._stalls))
            )
        return deaf

    def _recognise(self, audio: Audio) -> list[Heard]:
        """One side after the other, each with its own stream; a missing track is silence."""
        found: list[Heard] = []
        quiet = bytes(audio.frames * FRAME_BYTES)
        for side, hearing in self._sides.items():
            pcm16 = audio.tracks.get(LegId(side), quiet)
            found += [self._understood(side, h) for h in hearing.feed(audio.first_frame, pcm16)]
        return found

    def _last_words(self) -> list[Heard]:
        found = ((side, hearing.flush()) for side, hearing in self._sides.items())
        return [self._understood(side, last) for side, last in found if last is not None]

    def _understood(self, side: str, what: Partial | Final | Deaf) -> Heard:
        heard = Heard(side, what)
        if side != CALLER:
            if isinstance(what, Final):
                self._agent_words = heard.text
            return heard
        if isinstance(what, Partial):
            early = self._incremental.partial(self._ears.engine(), what.text)
            return Heard(side, what, early=early)
        if isinstance(what, Deaf):
            return heard
        self._incremental.reset()
        return self._meant(what, heard.text) if what.words else heard

    def _meant(self, what: Final, text: str) -> Heard:
        sure = fmean(word.confidence for word in what.words)
        situation = self._ears.situation(self._call_id, self._agent_words, sure)
        if self.expecting:
            situation = replace(situation, expecting=self.expecting)
        self._agent_words = ""
        understanding = self._ears.engine().understand(text, situation)
        return Heard(CALLER, what, understanding, situation=situation)
