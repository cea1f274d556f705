"""Rebuilds the embedded speech model's graph in the background when other content is published."""

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

#: Publications that follow each other are one rebuilding.
ADAPT_AFTER_S = 60.0
_LONGEST_S = 900
_NICENESS = 10


class SpeechRebuilder:
    """``python -m app model adapt`` at low priority; the recogniser swaps at the next call.

    ``wanted`` tells whether the model in use is one that can be adapted: others are left alone.
    """

    def __init__(
        self, environment: Mapping[str, str], wanted: Callable[[], bool],
        after_s: float = ADAPT_AFTER_S,
    ) -> None:  # fmt: skip
        self._environment = dict(environment)
        self._wanted = wanted
        self._after_s = after_s
        self._timer: threading.Timer | None = None
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def published(self) -> None:
        """Note that other content is served now; the graph is rebuilt a while later."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(self._after_s, self._rebuild)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._process is not None:
                self._process.kill()

    def _rebuild(self) -> None:
        if not self._wanted():
            return
        command = ["nice", "-n", str(_NICENESS), sys.executable, "-m", "app", "model", "adapt"]
        with self._lock:
            self._process = subprocess.Popen(  # noqa: S603
                command, env=self._environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
        try:
            _, errors = self._process.communicate(timeout=_LONGEST_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            errors = "it took too long"
        if self._process.returncode != 0:
            log.error("the speech model could not be adapted, it stays: %s", errors[-500:])
