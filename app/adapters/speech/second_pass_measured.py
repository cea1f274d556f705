"""A second pass that is used only where this machine can pay for it: measured when it starts."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.adapters.speech.hearing_speed import timed
from app.adapters.speech.second_pass import SecondPassProcess
from app.domain.calls.hearing_capacity import SPOKEN_SHARE, calls_in_time
from app.service.second_pass import Readiness, Reheard, SecondPassStatus, Urgency

log = logging.getLogger(__name__)

_Answer = Future[Reheard | None]
_MEASURED_WITHIN_S = 60.0
#: How much of the time the worker may be busy with one call: beyond it most answers are late.
_BUSY = 0.55
#: A machine that needs longer for a second of speech cannot follow one call.
SLOWEST = _BUSY / (2 * SPOKEN_SHARE)
#: Nobody wants an answer later than this while a call goes on.
LIVE_WITHIN_S, AT_ONCE_S = 2.0, 1.0
LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """How fast this machine hears again. ``factor``: seconds of work a second of speech."""

    factor: float

    @property
    def calls(self) -> int:
        """Two-sided calls of which 95 of 100 sentences are heard again within 2 s."""
        return calls_in_time(self.factor, LIVE_WITHIN_S)

    @property
    def calls_at_once(self) -> int:
        """The same within 1 s."""
        return calls_in_time(self.factor, AT_ONCE_S)

    @property
    def is_enough(self) -> bool:
        """Whether one call can be followed."""
        return self.factor <= SLOWEST


class MeasuredSecondPass:
    """Implements SecondPass. Until it was measured, and where the machine is too slow, urgent
    utterances are answered with None at once; those that may wait are heard in any case."""

    def __init__(self, inner: SecondPassProcess, sample: Callable[[], bytes]) -> None:
        self._inner, self._sample = inner, sample
        self.capacity: Capacity | None = None
        self._lock = threading.Lock()
        #: What may wait waits for the measuring, which it would falsify.
        self._waiting: list[tuple[bytes, Urgency, _Answer]] = []
        self.measured = threading.Event()
        self._thread = threading.Thread(target=self._measure, name="second pass speed", daemon=True)

    def start(self) -> None:
        self._inner.start()
        self._thread.start()

    def close(self) -> None:
        for _, _, answer in self._taken():
            answer.cancel()
        self._inner.close()

    def retire(self) -> None:
        """Hear what is waiting still, also for the measuring, then end."""
        self._hand_on()
        self._inner.retire()

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def folder(self) -> Path:
        return self._inner.folder

    @property
    def status(self) -> SecondPassStatus:
        inner, capacity = self._inner, self.capacity
        return SecondPassStatus(
            model=self.name, readiness=self._readiness(),
            factor=capacity.factor if capacity is not None else None,
            calls=capacity.calls if capacity is not None else None,
            heard=inner.heard, late=inner.late, died=inner.died,
        )  # fmt: skip

    def _readiness(self) -> Readiness:
        if self.capacity is not None:
            return Readiness.ON if self.capacity.is_enough else Readiness.TOO_SLOW
        return Readiness.SILENT if self.measured.is_set() else Readiness.MEASURING

    @property
    def is_on(self) -> bool:
        """Whether calls are heard again while they go on."""
        return self.capacity is not None and self.capacity.is_enough

    def hear(self, pcm16: bytes, urgency: Urgency, within_s: float | None = None) -> _Answer:
        """See the port."""
        answer: _Answer = Future()
        if within_s is not None and not self.is_on:
            answer.set_result(None)
            return answer
        with self._lock:
            if not self.measured.is_set():
                self._waiting.append((pcm16, urgency, answer))
                return answer
        return self._inner.hear(pcm16, urgency, within_s)

    def _taken(self) -> list[tuple[bytes, Urgency, _Answer]]:
        """What has waited; from now on nothing does."""
        with self._lock:
            self.measured.set()
            waiting, self._waiting = self._waiting, []
        return waiting

    def _measure(self) -> None:
        try:
            self._find_capacity()
        finally:
            self._hand_on()

    def _hand_on(self) -> None:
        for pcm16, urgency, answer in self._taken():
            self._inner.hear(pcm16, urgency).add_done_callback(partial(_hand_over, answer))

    def _find_capacity(self) -> None:
        speech = self._sample()
        try:
            self.capacity = measure(self._inner, speech)
        except (TimeoutError, CancelledError):
            log.error("the second pass does not answer: calls go on by the first")
            return
        say = log.info if self.capacity.is_enough else log.warning
        say(
            "the second pass takes %.2f s a second of speech: %s", self.capacity.factor,
            f"up to {self.capacity.calls} calls at once" if self.capacity.is_enough
            else "this machine is too slow, it hears only what may wait"
            " ('holdline model advise' says what fits it)",
        )  # fmt: skip


def _hand_over(waiting: _Answer, answer: _Answer) -> None:
    """The answer to who asked before there was anybody to ask."""
    if answer.cancelled():
        waiting.cancel()
    elif waiting.set_running_or_notify_cancel():
        waiting.set_result(answer.result())


def measure(
    second_pass: SecondPassProcess, speech: bytes, within_s: float = _MEASURED_WITHIN_S
) -> Capacity:
    """Of a worker that runs. Raises TimeoutError where it does not answer, CancelledError."""

    def hear(pcm16: bytes) -> object:
        answer = second_pass.hear(pcm16, Urgency.LATER).result(within_s)
        if answer is None:
            raise TimeoutError("the worker ended")
        return answer

    return Capacity(timed(hear, speech).wall)


class SwitchingSecondPass:
    """Implements SecondPass with the chosen model: another one is measured beside it and takes
    over when it is ready; what waits for the one before is still heard by it.

    ``wanted``: the folder of the chosen model, None where none is here (the one in use stays).
    """

    def __init__(
        self, make: Callable[[Path], MeasuredSecondPass], first: Path,
        wanted: Callable[[], Path | None],
    ) -> None:  # fmt: skip
        self._make, self._wanted = make, wanted
        self._current = make(first)
        self._refused: Path | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="second pass model", daemon=True)

    @property
    def name(self) -> str:
        return self._current.name

    @property
    def status(self) -> SecondPassStatus:
        return self._current.status

    def start(self) -> None:
        """Start the worker, and a thread that looks for another chosen model every few seconds."""
        self._current.start()
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._current.close()

    def hear(
        self, pcm16: bytes, urgency: Urgency, within_s: float | None = None
    ) -> Future[Reheard | None]:
        """See the port."""
        return self._current.hear(pcm16, urgency, within_s)

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> bool:
        """Swap if another model was chosen and answers. Returns whether it did."""
        folder = self._wanted()
        if folder is None or folder in (self._current.folder, self._refused):
            return False
        fresh = self._make(folder)
        fresh.start()
        fresh.measured.wait()
        if fresh.capacity is None or self._ended.is_set():
            self._refused = folder
            log.error("the second pass stays %s: %s does not answer", self.name, folder.name)
            fresh.close()
            return False
        before, self._current = self._current, fresh
        before.retire()
        log.info("the second pass is now %s", folder.name)
        return True
