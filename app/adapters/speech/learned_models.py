"""Models that learned from own calls: folders beside each other, of which the last few are kept."""

import shutil
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from app.adapters.speech.asr_switch import choose_model, chosen_model

#: With the one in use these are enough to go back; each takes some 15 MB.
KEPT = 3


class LearnedModels:
    """The folders; a name sorts by when it was made. Implements SpeechModels."""

    def __init__(self, folder: Path, home: Path, default: Path) -> None:
        self._folder, self._home, self._default = folder, home, default

    def all(self) -> list[Path]:
        """Whole ones, oldest first."""
        if not self._folder.is_dir():
            return []
        found = (p for p in self._folder.iterdir() if p.is_dir() and p.suffix != ".part")
        return sorted(p.resolve() for p in found)

    def fresh(self, now: datetime) -> Path:
        """Where the next one is written. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder.resolve() / now.strftime("%Y%m%d-%H%M%S")

    def is_there(self, model: str) -> bool:
        return Path(model).is_dir()

    def use(self, model: str) -> None:
        choice = chosen_model(self._home, self._default)
        choose_model(self._home, replace(choice, folder=Path(model)))

    def in_use(self) -> str:
        return str(chosen_model(self._home, self._default).folder.resolve())

    def tidy(self, needed: Collection[str]) -> None:
        """Delete what was left half written, and older models than the last few."""
        wanted = {Path(path).resolve() for path in (*needed, self.in_use())}
        for part in self._folder.glob("*.part"):
            shutil.rmtree(part, ignore_errors=True)
        for old in self.all()[:-KEPT]:
            if old not in wanted:
                shutil.rmtree(old, ignore_errors=True)

    def drop(self, model: str) -> None:
        if Path(model).resolve() in self.all():
            shutil.rmtree(model, ignore_errors=True)
