"""Both sides of one call: frames in, what was said and understood out. Outlives its engine."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from app.domain.calls.ids import CALLER, LegId
from app.language.understanding.incremental import Early, Incremental, LastUnderstood
from app.language.understanding.modality import expected_after
from app.language.understanding.patience import patience_ms
from app.language.understanding.understood import Situation, Understanding
from app.link.codec import Audio
from app.media.g711 import FRAME_BYTES
from app.service.calls.brain import HearingPort
from app.service.calls.hearing import Final, Partial, PatientHearing, Pause, RecognitionGap

log = logging.getLogger(__name__)

#: An engine that takes longer over a tenth of a second of audio will not come back.
STALLED_S = 10.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What one side said, is saying, or why it is not heard; callers' words are understood."""

    side: LegId
    what: Partial | Pause | Final | RecognitionGap
    understanding: Understanding | None = None
    early: Early | None = None
    situation: Situation | None = None

    @property
    def text(self) -> str:
        if isinstance(self.what, Partial):
            return self.what.text
        return "".join(w.word for w in self.what.words) if isinstance(self.what, Final) else ""


class CallHearing:
    """Runs on the event loop; recognition and understanding run in the brain's pool."""

    def __init__(self, brain: HearingPort, stalled_s: float = STALLED_S) -> None:
        self._brain, self._stalled_s = brain, stalled_s
        self._sides: dict[LegId, PatientHearing] = {}
        self._understood_last = LastUnderstood(lambda: brain.content().engine)
        self._incremental = Incremental()
        self._agent_words = ""
        #: What the caller's next words answer to, a section of short replies; empty: what the
        #: agent said last decides.
        self.expecting = ""
        self._stalls = 0

    def hear(self, side: LegId, frame: int) -> None:
        """Hear this side from a frame on; one that is heard already goes on as it is."""
        if side not in self._sides:
            self._sides[side] = self._listen(frame)

    def _listen(self, frame: int) -> PatientHearing:
        return PatientHearing(
            self._brain.recogniser, frame, lambda text: patience_ms(self._understood_last, text)
        )

    def safe_frame(self, side: LegId, here: int) -> int:
        """Frames before this one need not be heard again."""
        hearing = self._sides.get(side)
        return hearing.safe_frame if hearing is not None else here

    @property
    def is_pausing(self) -> bool:
        """Whether an utterance of somebody may end any moment."""
        return any(side.is_pausing for side in self._sides.values())

    @property
    def caller_quiet_ms(self) -> int:
        hearing = self._sides.get(CALLER)
        return hearing.quiet_ms if hearing is not None else 0

    @property
    def caller_speaking_ms(self) -> int:
        hearing = self._sides.get(CALLER)
        return hearing.speaking_ms if hearing is not None else 0

    async def feed(self, stretch: Sequence[Audio]) -> list[Heard]:
        """Consecutive frames of all sides."""
        if not self._sides or not stretch:
            return []
        end = stretch[-1].first_frame + stretch[-1].frames
        return await self._patiently(lambda: self._recognise(stretch), end)

    async def flush(self, frame: int) -> list[Heard]:
        """The rest, at the end of the call."""
        return await self._patiently(self._last_words, frame) if self._sides else []

    def close(self) -> None:
        """Nothing is heard any more: the engine's streams go now, with megabytes of their own."""
        # a thread of the pool may be at the sides still
        self._sides = {}

    async def _patiently(self, work: Callable[[], list[Heard]], frame: int) -> list[Heard]:
        """In the pool, but never for ever: an engine that stalls is left behind with its thread."""
        pool = self._brain.pool
        job = asyncio.get_running_loop().run_in_executor(pool, work)
        done, _ = await asyncio.wait((job,), timeout=self._stalled_s)
        if done:
            return job.result()
        log.error("recognition has stalled: this call is not heard for a while")
        self._brain.renew_pool(pool)
        gaps: list[Heard] = []
        self._stalls += 1
        for side in self._sides:
            self._sides[side] = self._listen(frame)
            gaps.append(
                Heard(side, self._sides[side].wait(frame, "the engine stalled", self._stalls))
            )
        return gaps

    def _recognise(self, stretch: Sequence[Audio]) -> list[Heard]:
        """One side after the other, each with its own stream."""
        found: list[Heard] = []
        for side, hearing in self._sides.items():
            for first_frame, pcm16 in _track(stretch, side):
                found += [self._understood(side, h) for h in hearing.feed(first_frame, pcm16)]
        return found

    def _last_words(self) -> list[Heard]:
        found = ((side, hearing.flush()) for side, hearing in self._sides.items())
        return [self._understood(side, last) for side, last in found if last is not None]

    def _understood(self, side: LegId, what: Partial | Pause | Final | RecognitionGap) -> Heard:
        heard = Heard(side, what)
        if side != CALLER:
            if isinstance(what, Final):
                self._agent_words = heard.text
            return heard
        if isinstance(what, Partial):
            early = self._incremental.partial(self._understood_last, what.text)
            return Heard(side, what, early=early)
        if isinstance(what, RecognitionGap | Pause):
            return heard
        self._incremental.reset()
        return self._meant(what, heard.text) if what.words else heard

    def _meant(self, what: Final, text: str) -> Heard:
        sure = fmean(word.confidence for word in what.words)
        expecting = self.expecting or expected_after(self._agent_words)
        situation = Situation(self._brain.local(), expecting, sure)
        self._agent_words = ""
        understanding = self._brain.content().engine.understand(text, situation)
        return Heard(CALLER, what, understanding, situation=situation)


def _track(stretch: Sequence[Audio], side: LegId) -> Iterator[tuple[int, bytes]]:
    """The audio of one side: what follows upon each other in one piece, by its first frame.

    A message without the side's track is silence of that side.
    """
    pieces: list[bytes] = []
    first = following = 0
    for audio in stretch:
        if pieces and audio.first_frame != following:
            yield first, b"".join(pieces)
            pieces = []
        first = first if pieces else audio.first_frame
        pieces.append(audio.tracks.get(side) or bytes(audio.frames * FRAME_BYTES))
        following = audio.first_frame + audio.frames
    if pieces:
        yield first, b"".join(pieces)
