"""``serve``: brain and bridges as processes of one machine; what dies is started again."""

import logging
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType

from app.settings import ROOT

log = logging.getLogger(__name__)

_GRACE_S = 6.0
_MAX_WAIT_S = 10.0
_STEADY_S = 20.0


@dataclass(slots=True)
class Child:
    """One process that must be running. ``wait_s`` grows while it dies at once."""

    name: str
    arguments: list[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    wait_s: float = 0.2
    due_at: float = field(default=0.0)


class Processes:
    """Starts, watches and stops the children. A first start that fails ends everything."""

    def __init__(self, bridges: int, environment: Mapping[str, str], ready_url: str) -> None:
        self._environment = dict(environment)
        self._ready_url = ready_url
        self._stopping = False
        self._children = [Child("brain", ["web"])]
        self._children += [
            Child(f"bridge-{n + 1}", ["bridge", "--index", str(n)]) for n in range(bridges)
        ]

    def run(self, when_ready: str) -> int:
        """Until SIGTERM or SIGINT. Answers the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        for child in self._children:
            self._start(child)
        try:
            if not self._wait_ready():
                return 1
            print(when_ready, flush=True)  # noqa: T201  the start's answer to the operator
            while not self._stopping:
                self._watch()
                time.sleep(0.2)
        finally:
            self._stop_all()
        return 0

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, child: Child) -> None:
        command = [sys.executable, "-m", "app", *child.arguments]
        child.started_at = time.monotonic()
        child.due_at = 0.0
        # Own sessions: Ctrl-C reaches us alone, and we stop them in order.
        child.process = subprocess.Popen(  # noqa: S603
            command, env=self._environment, cwd=ROOT, start_new_session=True
        )

    def _wait_ready(self) -> bool:
        """Until the brain says that it is ready; False where a child ends before."""
        while not self._stopping:
            for child in self._children:
                if child.process is not None and child.process.poll() is not None:
                    log.error("%s did not start", child.name)
                    return False
            try:
                with urllib.request.urlopen(self._ready_url, timeout=2):  # noqa: S310
                    return True
            except OSError:
                time.sleep(0.05)
        return True

    def _watch(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.due_at and now >= child.due_at:
                self._start(child)
            elif (
                not child.due_at and child.process is not None and child.process.poll() is not None
            ):
                steady = now - child.started_at > _STEADY_S
                child.wait_s = 0.2 if steady else min(_MAX_WAIT_S, child.wait_s * 2)
                child.due_at = now + child.wait_s
                log.error("%s ended (%s); starting it again", child.name, child.process.returncode)

    def _stop_all(self) -> None:
        """Bridges first, so that their last facts still find the brain."""
        for child in reversed(self._children):
            if child.process is not None and child.process.poll() is None:
                child.process.terminate()
                try:
                    child.process.wait(_GRACE_S)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
