"""What ended while the brain may not have known: one JSON file a call, kept until it says so."""

import json
import logging
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class Spool:
    """A folder of call summaries; a summary is removed when the brain has taken it over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, call: str, summary: dict[str, Any]) -> None:
        """Write atomically; a full disk is logged, the call itself is not harmed."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{call}.part"
            part.write_text(json.dumps(summary, ensure_ascii=False), encoding="utf-8")
            part.replace(self._folder / f"{call}.json")
        except OSError as error:
            log.warning("summary of an ended call not kept: %s", error.strerror)

    def remove(self, call: str) -> None:
        (self._folder / f"{call}.json").unlink(missing_ok=True)

    def load(self) -> dict[str, dict[str, Any]]:
        """All summaries by call id; a file that cannot be read is left alone and logged."""
        found = {}
        for path in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            try:
                found[path.stem] = json.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                log.warning("unreadable call summary %s", path.name)
        return found
