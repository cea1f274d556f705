"""Finals heard once more: the first is shown at once, the second corrects it in place.

The robot, which answers to the words, waits a little for the second.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from app.domain.calls.ids import CALLER, CallId, LegId
from app.domain.ids import UtteranceId
from app.domain.refusal import Refused
from app.domain.robot.speaker_vocabulary import CallerSaid
from app.language.understanding.fusion import is_short
from app.language.understanding.understood import Understanding
from app.service.away import StorageAway
from app.service.calls.brain import Brain
from app.service.calls.call_hearing import Heard
from app.service.calls.commands import ReviseUtterance
from app.service.calls.hearing import Final
from app.service.calls.reheard import FirstHearing, Revision, revised
from app.service.robot.said import caller_said
from app.service.second_pass import Reheard, Urgency

log = logging.getLogger(__name__)

#: Later than this a correction disturbs more than it helps; after the call it is made anyway.
LIVE_WITHIN_S = 2.0
#: How long the robot waits before it answers to the first pass's words.
ROBOT_WAITS_S = 0.8
_STORED_WITHIN_S = 10.0

Answer = asyncio.Future[Reheard | None]


def _nobody(_: CallerSaid) -> None:
    """Hears of a call that is over."""


class SecondHearing:
    """Of one call. Runs on the event loop; ``to_robot`` gets what the caller said."""

    def __init__(self, brain: Brain, call: CallId, to_robot: Callable[[CallerSaid], None]) -> None:
        self._brain, self._call, self._to_robot = brain, call, to_robot
        self._begun: dict[LegId, Answer] = {}
        self._stored: dict[int, asyncio.Future[UtteranceId]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_on(self) -> bool:
        return self._brain.second_pass is not None

    @property
    def _model(self) -> str:
        second_pass = self._brain.second_pass
        return second_pass.name if second_pass is not None else ""

    def pausing(self, side: LegId, pcm16: bytes, *, robot: bool) -> None:
        """The side has just fallen silent: hear it again now, in case it has finished."""
        if self.is_on:
            self._forget(side)
            self._begun[side] = self._hear(side, pcm16, robot=robot)

    def said(self, number: int, heard: Heard, final: Final, *, robot: bool) -> None:
        """A final; ``stored`` tells by its number where it is kept."""
        if not self.is_on or not final.words or not final.pcm16:
            self._forget(heard.side)
            self._answer_robot(heard.understanding, heard, final, robot=robot)
            return
        begun = self._begun.pop(heard.side, None)
        if begun is None or not final.as_paused:
            if begun is not None:
                begun.cancel()
            begun = self._hear(heard.side, final.pcm16, robot=robot)
        self._stored[number] = asyncio.get_running_loop().create_future()
        self._spawn(self._revise(number, heard, final, begun, robot=robot))

    def stored(self, number: int, utterance_id: UtteranceId) -> None:
        """The first pass's words have this id now."""
        known = self._stored.get(number)
        if known is not None and not known.done():
            known.set_result(utterance_id)

    def close(self) -> None:
        """Nothing is heard again from now on; whoever was told is let go."""
        self._to_robot = _nobody
        for side in tuple(self._begun):
            self._forget(side)
        for task in self._tasks:
            task.cancel()

    # -- one final -----------------------------------------------------------------------------

    def _hear(self, side: LegId, pcm16: bytes, *, robot: bool) -> Answer:
        assert self._brain.second_pass is not None  # noqa: S101  asked before
        urgency = Urgency.ROBOT_CALLER if robot else Urgency.AGENT
        if side == CALLER and not robot:
            urgency = Urgency.CALLER
        return asyncio.wrap_future(self._brain.second_pass.hear(pcm16, urgency, LIVE_WITHIN_S))

    def _forget(self, side: LegId) -> None:
        begun = self._begun.pop(side, None)
        if begun is not None:
            begun.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _revise(
        self, number: int, heard: Heard, final: Final, answer: Answer, *, robot: bool
    ) -> None:
        try:
            revision = await self._for_robot(heard, final, answer, robot=robot)
            stored = self._stored[number]
            utterance_id = await asyncio.wait_for(stored, _STORED_WITHIN_S)
            if revision is not None:
                await self._brain.execute(ReviseUtterance(
                    call_id=self._call, utterance_id=utterance_id, words=revision.words,
                    understanding=revision.understanding, by=self._model, clear=revision.clear,
                ))  # fmt: skip
        except (Refused, StorageAway, TimeoutError):
            log.debug("a second hearing was not stored: it is made after the call")
        except Exception:
            log.exception("a second hearing failed")
        finally:
            self._stored.pop(number, None)

    async def _for_robot(
        self, heard: Heard, final: Final, answer: Answer, *, robot: bool
    ) -> Revision | None:
        """The robot answers to the second hearing, or to the first where that is good enough or
        the second is late."""
        if not robot:
            return await self._heard_again(heard, final, answer)
        work = asyncio.ensure_future(self._heard_again(heard, final, answer))
        waits = not is_short(heard.understanding, heard.situation, final.end_ms - final.start_ms)
        done, _ = await asyncio.wait((work,), timeout=ROBOT_WAITS_S if waits else 0.0)
        revision = work.result() if done else None
        better = revision.understanding if revision is not None else None
        self._answer_robot(better or heard.understanding, heard, final, robot=True)
        return revision if done else await work

    async def _heard_again(self, heard: Heard, final: Final, answer: Answer) -> Revision | None:
        reheard = await answer
        if reheard is None:
            return None
        first = FirstHearing(
            words=final.words, spoken_ms=final.end_ms - final.start_ms,
            understanding=heard.understanding, situation=heard.situation,
        )  # fmt: skip
        engine = self._brain.content().engine
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._brain.pool, revised, engine, first, reheard)

    def _answer_robot(
        self, understanding: Understanding | None, heard: Heard, final: Final, *, robot: bool
    ) -> None:
        if not robot or understanding is None or not final.words:
            return
        clear = heard.situation.heard if heard.situation is not None else 1.0
        if understanding is not heard.understanding:
            clear = 1.0
        self._to_robot(caller_said(understanding, clear, self._brain.content()))
