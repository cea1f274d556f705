"""The recogniser in use: another model is loaded beside it and swapped in at the next call."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from app.service.ports import Recogniser, RecogniserStream

log = logging.getLogger(__name__)

POINTER = "current-model"
LOOK_EVERY_S = 5.0


def chosen_model(home: Path, default: Path) -> Path:
    """The model folder that ``holdline model use`` has chosen, else the configured one."""
    try:
        named = (home / POINTER).read_text(encoding="utf-8").strip()
    except OSError:
        return default
    return Path(named) if named else default


def choose_model(home: Path, folder: Path | None) -> None:
    """Point to a model folder, or back to the configured one (None)."""
    pointer = home / POINTER
    if folder is None:
        pointer.unlink(missing_ok=True)
        return
    home.mkdir(parents=True, exist_ok=True)
    part = pointer.with_suffix(".part")
    part.write_text(str(folder.resolve()), encoding="utf-8")
    part.replace(pointer)


class SwitchingRecogniser:
    """Implements Recogniser. Streams of calls in progress keep the model that they began with.

    ``load`` may raise: the model in use stays, the fault is logged once.
    """

    def __init__(self, load: Callable[[Path], Recogniser], home: Path, default: Path) -> None:
        self._load = load
        self._home = home
        self._default = default
        self.folder = chosen_model(home, default)
        self._stamp = _stamp(self.folder)
        self._current = load(self.folder)
        self._refused: tuple[Path, float] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="speech model", daemon=True)

    def stream(self) -> RecogniserStream:
        return self._current.stream()

    def start(self) -> None:
        """Look for another choice now and then."""
        self._thread.start()

    def close(self) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> bool:
        """Swap where another model was chosen, or the chosen one was made anew; whether it did."""
        folder = chosen_model(self._home, self._default)
        stamp = _stamp(folder)
        if (folder, stamp) in ((self.folder, self._stamp), self._refused):
            return False
        try:
            fresh = self._load(folder)
        except Exception as error:
            self._refused = (folder, stamp)
            log.error("the speech model stays: %s", error)
            return False
        self._current, self.folder, self._stamp = fresh, folder, stamp
        log.info("the speech model is now %s", folder.name)
        return True


def _stamp(folder: Path) -> float:
    """When the model was made: adapting writes the same folder anew."""
    try:
        return (folder / "graph" / "words.txt").stat().st_mtime
    except OSError:
        return 0.0
