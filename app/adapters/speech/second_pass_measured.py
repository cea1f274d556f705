"""A second pass that is used only where this machine can pay for it: measured when it starts."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from functools import partial

from app.adapters.speech.second_pass import WhisperSecondPass
from app.media.g711 import RATE_HZ
from app.service.second_pass import Reheard, Urgency

log = logging.getLogger(__name__)

_Answer = Future[Reheard | None]
_MEASURED_WITHIN_S = 60.0
#: How much of the time one queue may be busy so that 95 of 100 answers come within 2 s, and how
#: much of a call each side speaks (a simulated queue over measured service times).
_BUSY, _SPOKEN_A_SECOND = 0.55, 0.8
#: A machine that needs longer for a second of speech cannot follow one call.
SLOWEST = _BUSY / _SPOKEN_A_SECOND


@dataclass(frozen=True, slots=True)
class Capacity:
    """How fast this machine hears again. ``factor``: seconds of work a second of speech."""

    factor: float

    @property
    def calls(self) -> int:
        """Two-sided calls of which nearly every sentence is heard again within 2 s."""
        return int(SLOWEST / self.factor)

    @property
    def is_enough(self) -> bool:
        """Whether one call can be followed."""
        return self.factor <= SLOWEST


class MeasuredSecondPass:
    """Implements SecondPass. Until it was measured, and where the machine is too slow, urgent
    utterances are answered with None at once; those that may wait are heard in any case."""

    def __init__(self, inner: WhisperSecondPass, sample: Callable[[], bytes]) -> None:
        self._inner, self._sample = inner, sample
        self.capacity: Capacity | None = None
        self._is_measured = False
        self._lock = threading.Lock()
        #: What may wait waits for the measuring, which it would falsify.
        self._waiting: list[tuple[bytes, Urgency, _Answer]] = []
        self._thread = threading.Thread(target=self._measure, name="second pass speed", daemon=True)

    def start(self) -> None:
        self._inner.start()
        self._thread.start()

    def close(self) -> None:
        for _, _, answer in self._taken():
            answer.cancel()
        self._inner.close()

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
            if not self._is_measured:
                self._waiting.append((pcm16, urgency, answer))
                return answer
        return self._inner.hear(pcm16, urgency, within_s)

    def _taken(self) -> list[tuple[bytes, Urgency, _Answer]]:
        """What has waited; from now on nothing does."""
        with self._lock:
            self._is_measured = True
            waiting, self._waiting = self._waiting, []
        return waiting

    def _measure(self) -> None:
        try:
            self._find_capacity()
        finally:
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
            else "this machine is too slow, it hears only what may wait",
        )  # fmt: skip


def _hand_over(waiting: _Answer, answer: _Answer) -> None:
    """The answer to who asked before there was anybody to ask."""
    if answer.cancelled():
        waiting.cancel()
    elif waiting.set_running_or_notify_cancel():
        waiting.set_result(answer.result())


def measure(
    second_pass: WhisperSecondPass, speech: bytes, within_s: float = _MEASURED_WITHIN_S
) -> Capacity:
    """Hear one piece twice, the first time to warm up. Raises TimeoutError, CancelledError."""
    seconds = len(speech) / (2 * RATE_HZ)
    second_pass.hear(speech, Urgency.LATER).result(within_s)
    began = time.monotonic()
    second_pass.hear(speech, Urgency.LATER).result(within_s)
    return Capacity((time.monotonic() - began) / seconds)
