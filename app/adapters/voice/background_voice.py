"""Sentences by the natural model, made while calls go on: in a process that steps back for them.

The model takes half a gigabyte: its process is there only while there is something to make.
"""

import itertools
import json
import logging
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from app.domain.robot.voice import SHIPPED
from app.service.robot.studio import StudioFault

log = logging.getLogger(__name__)

#: What the process answers for a sentence that it has made, before why the disk did not take it,
#: and before why it ends.
MADE, NOT_KEPT, ENDS = "made", "not kept: ", "ends: "
_NICENESS = "15"
#: How long the process waits for more, and how many sentences may wait for it.
IDLE_S, _MOST_WAITING = 30.0, 100
#: A sentence that takes longer than this has hung. Beside many calls the process gets a few per
#: cent of a processor: loading the model alone takes minutes then.
_LONGEST_S = 900.0
#: A process that ends this often in a row will not do better: no more is asked of it.
MOST_ENDS = 3
#: After the disk was full.
_AGAIN_AFTER_S = 60.0


class Rank(IntEnum):
    """What is made first."""

    END = 0
    SOMEBODY_LISTENS = 1
    SAID_BEFORE = 2
    FIXED = 3


@dataclass(frozen=True, slots=True, order=True)
class _Order:
    rank: Rank
    number: int
    text: str = field(default="", compare=False)
    path: Path = field(default=Path(), compare=False)
    voice: str = field(default="", compare=False)


class BackgroundVoice:
    """``python -m app voice-job``, fed with sentences one at a time."""

    def __init__(self, environment: Mapping[str, str], idle_s: float = IDLE_S) -> None:
        self._environment, self._idle_s = dict(environment), idle_s
        self._wanted: queue.PriorityQueue[_Order] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._asked: set[Path] = set()
        self._failed: set[Path] = set()
        self._ended_at: set[Path] = set()
        self._process: subprocess.Popen[str] | None = None
        self._ends = 0
        self._full_until = float("-inf")
        self._thread = threading.Thread(target=self._work, name="voice", daemon=True)
        self._thread.start()

    @property
    def fault(self) -> StudioFault:
        """Why nothing is made now."""
        if self._ends >= MOST_ENDS:
            return StudioFault.BROKEN_MODEL
        full = time.monotonic() < self._full_until
        return StudioFault.DISK if full else StudioFault.NONE

    def failed(self, path: Path) -> bool:
        """Whether the model cannot say what was asked for into ``path``."""
        return path in self._failed

    def later(
        self, text: str, path: Path, voice: str = SHIPPED.voice, rank: Rank = Rank.SAID_BEFORE
    ) -> None:
        """Make a sentence into ``path`` when there is time; at most once, and never blocking."""
        full = self._wanted.qsize() >= _MOST_WAITING and rank is not Rank.SOMEBODY_LISTENS
        if full or self.fault or path in self._asked or path in self._failed:
            return
        self._asked.add(path)
        self._wanted.put(_Order(rank, next(self._numbers), text, path, voice))

    def close(self) -> None:
        """End the process; what waits is asked for again another time."""
        self._wanted.put(_Order(Rank.END, next(self._numbers)))
        process = self._process
        if process is not None:
            process.kill()
        self._thread.join(5)

    def _work(self) -> None:
        while True:
            try:
                wanted = self._wanted.get(timeout=self._idle_s if self._process else None)
            except queue.Empty:
                self._end()
                continue
            if wanted.rank is Rank.END:
                self._end()
                return
            if self.fault:
                self._asked.discard(wanted.path)
            else:
                self._make(wanted)

    def _make(self, wanted: _Order) -> None:
        process = self._process = self._process or self._begin()
        guard = threading.Timer(_LONGEST_S, process.kill)
        guard.start()
        order = {"text": wanted.text, "path": str(wanted.path), "voice": wanted.voice}
        try:
            answer = _asked(process, json.dumps(order))
        except OSError as error:
            answer = f"{ENDS}{error}"
        finally:
            guard.cancel()
        self._noted(wanted.path, answer)

    def _noted(self, path: Path, answer: str) -> None:
        if answer == MADE:
            self._ends = 0
            self._asked.discard(path)
            return
        log.error("a sentence is not made in the natural voice: %s", answer)
        if answer.startswith(NOT_KEPT):
            self._full_until = time.monotonic() + _AGAIN_AFTER_S
        elif answer.startswith(ENDS):
            self._ends += 1
            self._end()
            self._suspect(path)
        else:
            self._failed.add(path)
        self._asked.discard(path)

    def _suspect(self, path: Path) -> None:
        """A sentence at which the process ended is tried once more: it may have been chance."""
        if path in self._ended_at:
            self._failed.add(path)
        self._ended_at.add(path)

    def _begin(self) -> subprocess.Popen[str]:
        command = ["nice", "-n", _NICENESS, sys.executable, "-m", "app", "voice-job"]
        return subprocess.Popen(  # noqa: S603
            command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.communicate()


def _asked(process: "subprocess.Popen[str]", order: str) -> str:
    """What the process answers to an order. Raises OSError where it has ended."""
    if process.stdin is None or process.stdout is None:
        raise OSError("no pipes to its process")
    process.stdin.write(order + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip() or f"{ENDS}without a word"
