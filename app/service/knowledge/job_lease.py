"""Says while a job runs that its runner lives, so that nobody gives it up."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from app.service.away import StorageAway
from app.service.bus import CommandBus
from app.service.command import SystemCommand
from app.service.knowledge.jobs import LEASE

log = logging.getLogger(__name__)
#: Two may fail before the lease is over.
EVERY_S = LEASE.total_seconds() / 3


@contextmanager
def held(bus: CommandBus, hold: SystemCommand[None], every_s: float = EVERY_S) -> Iterator[None]:
    """Say ``hold`` again and again from a thread of its own, until the block ends."""
    over = threading.Event()
    thread = threading.Thread(target=_hold, args=(bus, hold, over, every_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _hold(
    bus: CommandBus, hold: SystemCommand[None], over: threading.Event, every_s: float
) -> None:
    while not over.wait(every_s):
        try:
            bus.execute(hold)
        except StorageAway:
            log.warning("a job could not be held: the storage is away")
        except Exception:
            log.exception("a job could not be held")
