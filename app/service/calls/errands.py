"""The commands of one call: one at a time, in their order, kept while the storage is away."""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.domain.refusal import Refused
from app.service.away import StorageAway
from app.service.calls import session_vocabulary as v
from app.service.command import Command

log = logging.getLogger(__name__)

#: A storage that is away is asked again after this many seconds, twice as many each time.
FIRST_RETRY_S, LONGEST_RETRY_S = 0.25, 2.0
RETRY = "retry"


@dataclass(slots=True)
class Errand:
    """A command and who waits for it; ``is_asked``: a person, who is told at once that the
    storage is away."""

    command: Command[Any]
    then: Callable[[Any], None]
    failed: Callable[[Exception], None]
    is_asked: bool = False
    tries: int = 0


class Errands:
    """``emit`` takes the outputs; ``on_storage`` hears when the storage goes and comes back."""

    def __init__(
        self, emit: Callable[[v.Output], None], on_storage: Callable[[bool], None]
    ) -> None:
        self._emit, self._on_storage = emit, on_storage
        self._waiting: deque[Errand] = deque()
        self._running: Errand | None = None
        self._tag = 0
        self.is_away = False

    @property
    def is_busy(self) -> bool:
        """Whether a command runs, or is going to be tried again."""
        return self._running is not None

    def add(self, errand: Errand) -> None:
        self._waiting.append(errand)

    def start(self) -> bool:
        """Run the next one, if any and if none runs."""
        if self._running is None and self._waiting:
            self._launch(self._waiting.popleft())
        return self._running is not None

    def _launch(self, errand: Errand) -> None:
        self._running = errand
        self._tag += 1
        self._emit(v.Run(self._tag, errand.command))

    def done(self, event: v.Done) -> None:
        errand = self._finished(event.tag)
        if errand is not None:
            if self.is_away:
                self._note_storage(is_away=False)
            errand.then(event.result)

    def failed(self, event: v.Failed) -> None:
        """A refusal or a bug is told; a storage that is away is asked again."""
        errand = self._finished(event.tag)
        if errand is None:
            return
        if isinstance(event.error, StorageAway):
            self._note_storage(is_away=True)
            if not errand.is_asked:
                self._keep(errand)
                return
        errand.failed(event.error)

    def _finished(self, tag: int) -> Errand | None:
        errand = self._running if tag == self._tag else None
        if errand is not None:
            self._running = None
        return errand

    def _keep(self, errand: Errand) -> None:
        """In order: what comes after it waits."""
        self._running = errand
        self._emit(v.Arm(RETRY, min(LONGEST_RETRY_S, FIRST_RETRY_S * 2**errand.tries)))
        errand.tries += 1

    def retry(self) -> None:
        """The timer of ``_keep`` ran out."""
        if self._running is not None and self.is_away:
            self._launch(self._running)

    def _note_storage(self, *, is_away: bool) -> None:
        if is_away != self.is_away:
            self.is_away = is_away
            self._on_storage(is_away)

    def drop(self, kinds: tuple[type, ...]) -> None:
        """Forget what is void now, also what is being tried."""
        self._waiting = deque(e for e in self._waiting if not isinstance(e.command, kinds))
        if self._running is not None and isinstance(self._running.command, kinds):
            self._running = None
            self._emit(v.Disarm(RETRY))


def nothing(_: object) -> None:
    """Nobody waits for the result."""


def note(error: Exception) -> None:
    """Refusals are ordinary (the call has moved on); anything else is a bug."""
    if isinstance(error, Refused):
        log.debug("a command of a call refused: %s", error.code)
    else:
        log.error("a command of a call failed", exc_info=error)
