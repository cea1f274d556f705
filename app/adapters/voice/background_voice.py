"""Sentences in the natural voice, made while calls go on: in a process that steps back for them.

The model takes half a gigabyte: its process is there only while there is something to make.
"""

import json
import logging
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

log = logging.getLogger(__name__)

#: What the process answers for a sentence that it has made, and before why it ends.
MADE, ENDS = "made", "ends: "
_NICENESS = "15"
#: How long the process waits for more, and how many sentences may wait for it.
IDLE_S, _MOST_WAITING = 30.0, 500
#: A sentence that takes longer than this has hung.
_LONGEST_S = 120.0
#: A process that ends this often in a row will not do better: no more is asked of it.
MOST_ENDS = 3


class BackgroundVoice:
    """``python -m app voice-job``, fed with sentences one at a time."""

    def __init__(self, environment: Mapping[str, str], idle_s: float = IDLE_S) -> None:
        self._environment, self._idle_s = dict(environment), idle_s
        self._wanted: queue.Queue[tuple[str, Path] | None] = queue.Queue(_MOST_WAITING)
        self._asked: set[Path] = set()
        self._process: subprocess.Popen[str] | None = None
        self._ends = 0
        self._thread = threading.Thread(target=self._work, name="voice", daemon=True)
        self._thread.start()

    def later(self, text: str, path: Path) -> None:
        """Make a sentence into ``path`` when there is time; at most once, and never blocking."""
        if path in self._asked or self._ends >= MOST_ENDS:
            return
        self._asked.add(path)
        try:
            self._wanted.put_nowait((text, path))
        except queue.Full:
            self._asked.discard(path)

    def close(self) -> None:
        """End the process; what waits is asked for again another time."""
        while True:
            try:
                self._wanted.get_nowait()
            except queue.Empty:
                break
        self._wanted.put(None)
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
            if wanted is None:
                self._end()
                return
            if self._ends < MOST_ENDS:
                self._make(*wanted)

    def _make(self, text: str, path: Path) -> None:
        process = self._process = self._process or self._begin()
        guard = threading.Timer(_LONGEST_S, process.kill)
        guard.start()
        try:
            answer = _asked(process, json.dumps({"text": text, "path": str(path)}))
        except OSError as error:
            answer = f"{ENDS}{error}"
        finally:
            guard.cancel()
        self._noted(path, answer)

    def _noted(self, path: Path, answer: str) -> None:
        if answer == MADE:
            self._asked.discard(path)
            self._ends = 0
            return
        log.error("a sentence is not made in the natural voice: %s", answer)
        if answer.startswith(ENDS):
            self._ends += 1
            self._end()

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
