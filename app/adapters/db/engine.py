"""Connections to SQLite or PostgreSQL: one engine that writes, and the same one for reading."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError

from app.adapters.db import tables, word_index
from app.service.away import StorageAway

_READ_ONLY = "read_only"
#: Operational errors of SQLite that are a fault of the statement or the schema.
_BROKEN = re.compile("no such|syntax error|has no column|already exists|too many SQL variables")


def make_engine(url: str) -> Engine:
    """An engine for a database URL; SQLite gets WAL, foreign keys and immediate transactions."""
    if tables.map_records():
        word_index.follow()
    if not url.startswith("sqlite"):
        engine = create_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True)
        event.listen(engine, "handle_error", _say_storage_away)
        return engine
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})
    event.listen(engine, "handle_error", _say_storage_away)

    @event.listens_for(engine, "connect")
    def _tune(connection: Any, _: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # A transaction that reads first and writes later would fail when another wrote between.
        reads = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _say_storage_away(context: Any) -> None:
    """What the world does to a database (gone, locked for long, disk full) has a name of its own;
    what is wrong with a statement stays the driver's error."""
    if context.is_pre_ping:
        return  # a connection that did not survive is replaced by another one
    error = context.sqlalchemy_exception or context.original_exception
    text = str(context.original_exception)
    if isinstance(error, OperationalError | InterfaceError) and not _BROKEN.search(text):
        raise StorageAway(text.strip().splitlines()[0] if text.strip() else "no answer") from error


def read_only(engine: Engine) -> Engine:
    """The same connections for reading: SQLite takes no write lock, PostgreSQL refuses to write."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(postgresql_readonly=True)
    return engine.execution_options(**{_READ_ONLY: True})
