"""What ended while the brain may not have known: one JSON file a call, kept until it says so."""

import logging
from pathlib import Path

from app.domain.calls.ids import CallId
from app.link import codec
from app.link.summary import CallSummary

log = logging.getLogger(__name__)


class Spool:
    """A folder of call summaries; a summary is removed when the brain has taken it over."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, summary: CallSummary) -> None:
        """Write atomically; a full disk is logged, the call itself is not harmed."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f"{summary.call}.part"
            part.write_text(codec.encode_summary(summary), encoding="utf-8")
            part.replace(self._folder / f"{summary.call}.json")
        except OSError as error:
            log.warning("summary of an ended call not kept: %s", error.strerror)

    def remove(self, call: CallId) -> None:
        (self._folder / f"{call}.json").unlink(missing_ok=True)

    def load(self) -> dict[CallId, CallSummary]:
        """All summaries by call id; a file that cannot be read is set aside and logged."""
        found = {}
        for path in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            try:
                summary = codec.decode_summary(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, codec.LinkError) as error:
                _set_aside(path, error)
            else:
                found[summary.call] = summary
        return found


def _set_aside(path: Path, error: Exception) -> None:
    """Out of the way of the next start, but still there for whoever looks."""
    log.warning("call summary %s is set aside: %s", path.name, error)
    try:
        path.rename(path.with_suffix(".unread"))
    except OSError:
        log.warning("call summary %s could not be renamed", path.name)
