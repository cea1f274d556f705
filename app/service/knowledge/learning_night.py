"""When the speech model learns: in the hours of night, while no call is going on."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from app.domain.calls.vocabulary import LIVE
from app.domain.ids import LearningRunId
from app.domain.knowledge.learning_run import WORKING, LearningEvent, LearningState
from app.domain.people.actor import SYSTEM, Actor
from app.domain.refusal import Refused
from app.service.away import StorageAway
from app.service.bus import CommandBus
from app.service.knowledge.commands import AskLearning, EndLostLearning, MoveLearning
from app.service.knowledge.learned_speech import LearnedSpeech
from app.service.knowledge.learning_runs import runs_in
from app.service.knowledge.records import LearningRun
from app.service.ports import Clock, ReadSession, ReadSessionFactory

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0


class LearningWorker(Protocol):
    """Works on a run that was asked for, in a process of its own."""

    @property
    def is_running(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None:
        """At once: a caller wants the time."""
        ...


@dataclass(frozen=True, slots=True)
class Night:
    """From when to when, over midnight too; None: it is not allowed to learn."""

    start: time
    end: time

    @classmethod
    def of(cls, hours: str) -> "Night":
        """From ``01:00-05:00``. Raises ValueError."""
        first, _, last = hours.partition("-")
        return cls(time.fromisoformat(first), time.fromisoformat(last))

    def begun(self, local: datetime) -> datetime | None:
        """When the night began in which a moment lies; None by day."""
        began = datetime.combine(local.date(), self.start, local.tzinfo)
        if began > local:
            began -= timedelta(days=1)
        hours = datetime.combine(local.date(), self.end) - datetime.combine(
            local.date(), self.start
        )
        return began if local - began < hours % timedelta(days=1) else None


class LearningNight:
    """Looks every few seconds whether it is time; ``look`` blocks."""

    def __init__(
        self, bus: CommandBus, reads: ReadSessionFactory, learned: LearnedSpeech,
        worker: LearningWorker, clock: Clock, night: Night | None,
        gone_back: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """``night``: None where it is not allowed; ``gone_back``: another model is used that may
        lack what was published since."""
        self._bus, self._reads, self.learned = bus, reads, learned
        self._worker, self._clock, self.night = worker, clock, night
        self._gone_back = gone_back
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._watch())

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._worker.stop()

    async def _watch(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self.look)
            except StorageAway:
                log.debug("the storage is away: learning waits")
            except Exception:
                log.exception("learning from own calls was not looked after")
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        """Go on with what is decided, give way to calls, begin where it is time."""
        self.learned.apply()
        with self._reads() as reads:
            busy = bool(reads.calls_in(sorted(LIVE)))
            working = runs_in(reads, WORKING)
        if self._worker.is_running:
            if busy:
                self._give_way(working)
            return
        if working:
            self._bus.execute(EndLostLearning())
        elif self.night is not None and not busy:
            self._begin(self.night.begun(self._clock.local()))

    def roll_back(self, actor: Actor) -> None:
        """To the model before. Raises NotFound."""
        self.learned.roll_back(actor)
        self._gone_back()

    def _give_way(self, working: list[LearningRun]) -> None:
        self._worker.stop()
        for run in working:
            assert run.id is not None  # noqa: S101  stored
            with contextlib.suppress(Refused):
                self._bus.execute(
                    MoveLearning(run_id=LearningRunId(run.id), event=LearningEvent.GAVE_WAY)
                )

    def _begin(self, night: datetime | None) -> None:
        """What a person asked for at any hour, what the house asks for once a night."""
        with self._reads() as reads:
            asked = runs_in(reads, (LearningState.ASKED,))
            if not asked and night is not None and not _since(reads, night):
                self._bus.execute(AskLearning(actor=SYSTEM))
                self._worker.start()
        if asked and (night is not None or asked[0].asked_by != SYSTEM.display_name):
            self._worker.start()


def _since(reads: ReadSession, moment: datetime) -> bool:
    """Whether a run was asked for since then."""
    newest = reads.find(LearningRun)[-1:]
    return bool(newest) and newest[0].asked_at >= moment
