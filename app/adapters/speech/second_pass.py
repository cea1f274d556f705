"""The second pass: whole utterances heard by a model in its own process, the urgent ones first.

A late answer is dropped, a worker that dies is started again; calls go on by the first pass.
"""

import contextlib
import heapq
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO

from app.adapters.speech.second_pass_worker import read_answer, write_job
from app.service.second_pass import Reheard, Urgency

log = logging.getLogger(__name__)

_AGAIN_AFTER_S, _AGAIN_AT_MOST_S = 1.0, 60.0
#: A worker that takes longer for one utterance, its model's loading included, has hung.
HUNG_AFTER_S = 90.0
_Answer = Future[Reheard | None]


@dataclass(order=True, slots=True)
class _Job:
    """``by``: seconds of the clock at which nobody waits any more."""

    urgency: Urgency
    number: int
    pcm16: bytes = field(compare=False, repr=False)
    by: float | None = field(compare=False)
    answer: _Answer = field(compare=False)


class SecondPassProcess:
    """Implements SecondPass with a whole-utterance model of either engine. ``clock`` counts
    seconds and never goes back."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str],
        clock: Callable[[], float] = time.monotonic, hung_after_s: float = HUNG_AFTER_S,
    ) -> None:  # fmt: skip
        self.folder, self._environment, self._clock = folder, dict(environment), clock
        self._hung_after_s = hung_after_s
        self._jobs: list[_Job] = []
        self._numbers = count(1)
        self._ready = threading.Condition()
        self._ended = self._retiring = False
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="second pass", daemon=True)
        #: Utterances heard again, those dropped because they would be late, workers that died.
        self.heard = self.late = self.died = 0

    def start(self) -> None:
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The worker's process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def close(self) -> None:
        with self._ready:
            self._ended = True
            self._ready.notify()
            process = self._process
        if process is not None:
            process.kill()
        if self._thread.is_alive():
            self._thread.join(5)

    @property
    def name(self) -> str:
        """Of the model."""
        return self.folder.name

    def retire(self) -> None:
        """Hear what is waiting still, then end."""
        with self._ready:
            self._retiring = True
            self._ready.notify()

    def hear(self, pcm16: bytes, urgency: Urgency, within_s: float | None = None) -> _Answer:
        """See the port. Cancelling the answer takes a job out that is not begun."""
        answer: _Answer = Future()
        by = None if within_s is None else self._clock() + within_s
        with self._ready:
            if self._ended:
                answer.set_result(None)
                return answer
            heapq.heappush(self._jobs, _Job(urgency, next(self._numbers), pcm16, by, answer))
            self._ready.notify()
        return answer

    # -- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        wait_s = _AGAIN_AFTER_S
        while not self._ended:
            if self._serve():
                wait_s = _AGAIN_AFTER_S
            if self._is_over():
                break
            self.died += 1
            log.error("the second pass ended: again in %.0f s, calls go on by the first", wait_s)
            self._pause(wait_s)
            wait_s = min(_AGAIN_AT_MOST_S, wait_s * 2)
        self._drop_all()

    def _is_over(self) -> bool:
        with self._ready:
            return self._ended or (self._retiring and not self._jobs)

    def _pause(self, seconds: float) -> None:
        """Nobody is there to hear: what comes is not waited for."""
        until = self._clock() + seconds
        with self._ready:
            while not self._ended and (left := until - self._clock()) > 0:
                self._ready.wait(left)
                self._drop_urgent()

    def _serve(self) -> bool:
        """One worker until it dies; answers whether it ever answered."""
        command = [sys.executable, "-m", "app", "second-pass", str(self.folder)]
        process = subprocess.Popen(  # noqa: S603
            command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        with self._ready:
            self._process = process
        answered = False
        try:
            while (job := self._next()) is not None:
                if not self._carry_out(process, job):
                    break
                answered = True
        finally:
            _end(process)
        return answered

    def _next(self) -> _Job | None:
        """The most urgent one that is not too late; None at the end."""
        with self._ready:
            while not self._ended:
                while self._jobs:
                    job = heapq.heappop(self._jobs)
                    if self._is_wanted(job):
                        return job
                if self._retiring:
                    break
                self._ready.wait()
        return None

    def _is_wanted(self, job: _Job) -> bool:
        if not job.answer.set_running_or_notify_cancel():
            return False
        is_late = job.by is not None and self._clock() > job.by
        if is_late:
            self.late += 1
            job.answer.set_result(None)
        return not is_late

    def _carry_out(self, process: subprocess.Popen[bytes], job: _Job) -> bool:
        guard = threading.Timer(self._hung_after_s, process.kill)
        guard.start()
        try:
            answer = _asked(process, job.pcm16)
        finally:
            guard.cancel()
        self.heard += answer is not None
        job.answer.set_result(answer)
        return answer is not None

    def _drop_urgent(self) -> None:
        """Those that somebody waits for; the others wait themselves."""
        kept = [job for job in self._jobs if job.by is None]
        for job in self._jobs:
            if job.by is not None and job.answer.set_running_or_notify_cancel():
                job.answer.set_result(None)
        self._jobs = kept
        heapq.heapify(self._jobs)

    def _drop_all(self) -> None:
        with self._ready:
            self._ended = True
            for job in self._jobs:
                job.answer.cancel()
            self._jobs.clear()


def _asked(process: subprocess.Popen[bytes], pcm16: bytes) -> Reheard | None:
    """None where the worker is gone or says what cannot be read."""
    stdin, stdout = _pipes(process)
    try:
        write_job(stdin, pcm16)
        return read_answer(stdout)
    except (OSError, ValueError, KeyError):
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """What was not read of it any more is of no use."""
    process.kill()
    process.wait()
    for pipe in _pipes(process):
        with contextlib.suppress(OSError):
            pipe.close()


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin is not None  # noqa: S101  as it was opened
    assert process.stdout is not None  # noqa: S101
    return process.stdin, process.stdout
