"""The audio of one live call: gathered, heard in the thread pool, told to the session."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from itertools import count

from app.domain.calls.ids import AGENT, CALLER, LegId
from app.domain.robot.speaker import BARGE_IN_MS, NOTHING_SAID_MS
from app.link.codec import Audio
from app.service.calls import session_vocabulary as v
from app.service.calls.brain import Brain
from app.service.calls.call_hearing import CallHearing, Heard
from app.service.calls.hearing import Final, Partial, Pause, RecognitionGap
from app.service.calls.second_hearing import SecondHearing
from app.service.calls.session import Session

log = logging.getLogger(__name__)

#: Audio is heard in stretches of this many frames: a hop to a thread costs as much as a frame. Not
#: in a pause, which may end an utterance, nor while somebody may be interrupted.
STRETCH_FRAMES = 9
#: How often is told that speech or silence go on.
_TOLD_EVERY_MS = 1000


class Ear:
    """Runs on the event loop; one stretch is heard at a time."""

    def __init__(
        self, brain: Brain, session: Session, hearing: CallHearing, second: SecondHearing,
        take: Callable[[v.Input], None],
    ) -> None:  # fmt: skip
        self._brain, self._session, self._hearing, self._take = brain, session, hearing, take
        self._second, self._numbers = second, count(1)
        self._waiting: deque[Audio] = deque()
        self._frames = 0
        self._task: asyncio.Task[None] | None = None
        self._until: int | None = None
        self._told = (0, 0)
        self._finished = False

    def audio(self, audio: Audio) -> None:
        """Consecutive frames of the call."""
        here = audio.first_frame + audio.frames
        self._session.next_frame = max(self._session.next_frame, here)
        self._waiting.append(audio)
        self._frames += audio.frames
        self._go_on()

    def hear(self, side: LegId, frame: int) -> None:
        self._hearing.hear(side, frame)

    def expect(self, reply: str) -> None:
        self._hearing.expecting = reply

    def finish(self, frames: int) -> None:
        """Hear to this frame (0: what is here), then tell that all was heard."""
        self._until = frames
        self._go_on()

    def close(self) -> None:
        """Whoever was told holds this ear: neither holds the other from now on."""
        self._finished, self._take = True, _nobody
        self._hearing.close()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    # -- when --------------------------------------------------------------------------------

    def _go_on(self) -> None:
        if self._task is None and not self._finished and (self._is_due or self._is_last):
            self._task = asyncio.get_running_loop().create_task(self._hear())

    @property
    def _is_due(self) -> bool:
        if not self._waiting:
            return False
        urgent = self._session.wants_activity or self._hearing.is_pausing
        return self._frames >= STRETCH_FRAMES or urgent or self._until is not None

    @property
    def _is_last(self) -> bool:
        return self._until is not None and self._session.next_frame >= self._until

    # -- what --------------------------------------------------------------------------------

    async def _hear(self) -> None:
        try:
            while self._is_due:
                await self._hear_stretch()
            if self._is_last:
                await self._hear_last_words()
        finally:
            self._task = None
        self._go_on()

    async def _hear_stretch(self) -> None:
        stretch = list(self._waiting)
        self._waiting.clear()
        self._frames = 0
        try:
            heard = await self._hearing.feed(stretch)
        except Exception:
            log.exception("hearing failed")
            return
        for each in heard:
            self._tell(each)
        if self._session.wants_activity:
            self._tell_activity()

    async def _hear_last_words(self) -> None:
        self._finished = True
        try:
            heard = await self._hearing.flush(self._session.next_frame)
        except Exception:
            log.exception("the last words were not heard")
            heard = []
        for each in heard:
            self._tell(each)
        self._take(v.AllHeard())

    def _tell(self, heard: Heard) -> None:
        side = LegId(heard.side)
        if isinstance(heard.what, RecognitionGap):
            log.warning("recognition failed, again in a while: %s", heard.what.why)
            self._take(v.RecognitionLost(side=side, until_frame=heard.what.until_frame))
        elif isinstance(heard.what, Partial):
            self._take(v.Saying(side=side, text=heard.what.text, hint=_hint(heard)))
        elif isinstance(heard.what, Pause):
            self._second.pausing(side, heard.what.pcm16, robot=self._is_for_robot(side))
        else:
            self._say(side, heard, heard.what)

    def _say(self, side: LegId, heard: Heard, final: Final) -> None:
        """The words first; the robot hears what they mean after them."""
        robot, number = self._is_for_robot(side), next(self._numbers)
        self._take(self._uttered(side, heard, final, number))
        self._second.said(number, heard, final, robot=robot)

    def _uttered(self, side: LegId, heard: Heard, final: Final, number: int) -> v.Uttered:
        here = self._session.next_frame
        safe = (self._hearing.safe_frame(CALLER, here), self._hearing.safe_frame(AGENT, here))
        return v.Uttered(
            side=side, final=final, understanding=heard.understanding, situation=heard.situation,
            heard_frames=safe, final_at=self._brain.now(), number=number,
        )  # fmt: skip

    def _is_for_robot(self, side: LegId) -> bool:
        return side == CALLER and self._session.robot_talks

    def _tell_activity(self) -> None:
        """Only where something changed that somebody waits for."""
        speaking, quiet = self._hearing.caller_speaking_ms, self._hearing.caller_quiet_ms
        told = _band(speaking, BARGE_IN_MS), _band(quiet, NOTHING_SAID_MS)
        if told != self._told:
            self._told = told
            self._take(v.SpeechActivity(speaking_ms=speaking, quiet_ms=quiet))


def _nobody(_: v.Input) -> None:
    """Hears of a call that is over."""


def _band(duration_ms: int, long_ms: int) -> int:
    """0 for nothing, 1 for something, 2 for long enough; then one more every second."""
    if duration_ms == 0:
        return 0
    return 1 if duration_ms < long_ms else 2 + duration_ms // _TOLD_EVERY_MS


def _hint(heard: Heard) -> str:
    """What the caller seems to want, once it is stable."""
    early = heard.early
    return early.understanding.intent if early is not None and early.stable else ""
