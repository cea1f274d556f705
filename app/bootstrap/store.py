"""The database, the clock, and what a child process is told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from app.adapters.clock_system import SystemClock
from app.adapters.db.engine import make_engine
from app.adapters.db.migrate import migrate
from app.adapters.db.read_session import SqlReadSession
from app.adapters.db.unit_of_work import SqlUnitOfWork
from app.settings import ROOT, Settings


class StartError(Exception):
    """Something that the operator must mend before the start; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Store:
    """The database and what is built on it."""

    engine: Engine
    clock: SystemClock

    def reads(self) -> SqlReadSession:
        return SqlReadSession(self.engine)

    def unit_of_work(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine, lambda *_: None)


def open_store(settings: Settings) -> Store:
    """Connect to the database and bring it to the current schema."""
    engine = make_engine(settings.database)
    migrate(engine)
    return Store(engine, SystemClock(settings.tz))


def today(settings: Settings) -> date:
    """The date on the operator's calendar (HOLDLINE_TZ)."""
    return SystemClock(settings.tz).local().date()


def child_environment(settings: Settings) -> Mapping[str, str]:
    """The environment of a process that must see the same settings."""
    return {
        **os.environ, "PYTHONPATH": str(ROOT), "HOLDLINE_SIP": settings.sip,
        "HOLDLINE_HTTP": settings.http, "HOLDLINE_HOTLINE": settings.hotline,
    }  # fmt: skip
