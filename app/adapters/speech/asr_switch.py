"""The recogniser in use: another model is loaded beside it and swapped in at the next call."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.service.ports import Recogniser, RecogniserStream

log = logging.getLogger(__name__)

POINTER = "current-model"
LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model folder, and that of a whole-utterance model that hears its finals again; None: the
    usual one, if it is here."""

    folder: Path
    second: Path | None = None

    def stamp(self) -> float:
        """When the first model was made: adapting a model writes into the same folder."""
        return _stamp(self.folder)


def chosen_model(home: Path, default: Path) -> ModelChoice:
    """What ``holdline model use`` has chosen, else the configured one."""
    try:
        named = (home / POINTER).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ModelChoice(default)
    folders = [Path(line.strip()) for line in named if line.strip()]
    return (
        ModelChoice(folders[0], folders[1] if folders[1:] else None)
        if folders
        else ModelChoice(default)
    )


def choose_model(home: Path, choice: ModelChoice | None) -> None:
    """Point to models, or back to the configured one (None)."""
    pointer = home / POINTER
    if choice is None:
        pointer.unlink(missing_ok=True)
        return
    home.mkdir(parents=True, exist_ok=True)
    folders = (choice.folder, choice.second) if choice.second else (choice.folder,)
    part = pointer.with_suffix(".part")
    part.write_text("".join(f"{folder.resolve()}\n" for folder in folders), encoding="utf-8")
    part.replace(pointer)


class SwitchingRecogniser:
    """Implements Recogniser. Streams of calls in progress keep the model that they began with.

    ``load`` may raise: the model in use stays, the fault is logged once.
    """

    def __init__(
        self, load: Callable[[ModelChoice], Recogniser], home: Path, default: Path
    ) -> None:
        self._load = load
        self._home = home
        self._default = default
        self.choice = chosen_model(home, default)
        self._stamp = self.choice.stamp()
        self._current = load(self.choice)
        self._refused: tuple[Path, float] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="speech model", daemon=True)

    @property
    def name(self) -> str:
        return self._current.name

    def stream(self) -> RecogniserStream:
        return self._current.stream()

    def start(self) -> None:
        """Start a thread that looks for another chosen model every few seconds."""
        self._thread.start()

    def close(self) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_EVERY_S):
            self.look()

    def look(self) -> bool:
        """Swap if another model was chosen or rebuilt. Returns whether it did."""
        choice = chosen_model(self._home, self._default)
        stamp = choice.stamp()
        if (choice.folder, stamp) in ((self.choice.folder, self._stamp), self._refused):
            return False
        try:
            fresh = self._load(choice)
        except Exception as error:
            self._refused = (choice.folder, stamp)
            log.error("the speech model stays: %s", error)
            return False
        self._current, self.choice, self._stamp = fresh, choice, stamp
        log.info("the speech model is now %s", choice.folder.name)
        return True


def _stamp(folder: Path) -> float:
    for words in (folder / "graph" / "words.txt", folder / "tokens.txt"):
        try:
            return words.stat().st_mtime
        except OSError:
            continue
    return 0.0
