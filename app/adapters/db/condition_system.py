"""Whether anything can still be stored: tried, not guessed."""

import contextlib
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from sqlalchemy import Engine, insert, update

from app.adapters.db import tables as t
from app.service.away import StorageAway
from app.service.ports import Clock

#: The one row that a probe of the database writes.
_PROBE_KEY = "readyz"
#: Probes are asked for often; what one found holds so long.
_HOLDS_S = 1.0
_PROBE_BYTES = bytes(4096)


class SystemCondition:
    """Implements Condition. Blocking; thread-safe."""

    def __init__(self, engine: Engine, clock: Clock, home: Path, warn_mb: int) -> None:
        self._engine, self._clock, self._home, self._warn_mb = engine, clock, home, warn_mb
        self._lock = threading.Lock()
        self._found: tuple[str, ...] = ()
        self._found_at = float("-inf")

    def faults(self) -> tuple[str, ...]:
        """``database`` and ``disk``, where nothing can be written to them now."""
        with self._lock:
            if time.monotonic() - self._found_at >= _HOLDS_S:
                probes = {"database": self._database_takes, "disk": self._disk_takes}
                self._found = tuple(name for name, takes in probes.items() if not takes())
                self._found_at = time.monotonic()
            return self._found

    def free_mb(self) -> int | None:
        """What is left for recordings and the database, where it is little; else None."""
        with contextlib.suppress(OSError):
            free = shutil.disk_usage(self._home).free >> 20
            return free if free < self._warn_mb else None
        return 0

    def _database_takes(self) -> bool:
        """One small row is written and committed."""
        keys = t.idempotency_keys
        now = self._clock.now()
        try:
            with self._engine.begin() as connection:
                there = connection.execute(
                    update(keys).where(keys.c.key == _PROBE_KEY).values(at=now)
                )
                if not there.rowcount:
                    row = {"key": _PROBE_KEY, "at": now, "result": ""}
                    connection.execute(insert(keys).values(**row))
        except StorageAway:
            return False
        return True

    def _disk_takes(self) -> bool:
        """A block can be written where recordings are."""
        try:
            with tempfile.TemporaryFile(dir=self._home) as probe:
                probe.write(_PROBE_BYTES)
                probe.flush()
                os.fsync(probe.fileno())
        except OSError:
            return False
        return True
