"""Learning from own calls in a process of its own, at the lowest priority."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping

log = logging.getLogger(__name__)

_NICENESS = 19


class LearningProcess:
    """``python -m app learning-job``; implements LearningWorker."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        command = ["nice", "-n", str(_NICENESS), sys.executable, "-m", "app", "learning-job"]
        with self._lock:
            if not self.is_running:
                log.info("learning from own calls begins")
                self._process = subprocess.Popen(  # noqa: S603
                    command, env=self._environment, stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip

    def stop(self) -> None:
        """The process and what it has started; a half-written model is beside the others."""
        with self._lock:
            if self._process is not None and self.is_running:
                end_group(self._process)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """End a process that leads a group, and its children."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
