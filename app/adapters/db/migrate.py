"""Bring a database to the current schema."""

import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from app.adapters.db.engine import read_only

_SCRIPTS = Path(__file__).with_name("migrations")
_REVISION = re.compile(r"(?m)^(down_)?revision\b[^=\n]*= *['\"](\w+)['\"]")


def migrate(engine: Engine, to: str = "head") -> None:
    """Run all migrations that are missing up to a revision, in one transaction."""
    if _is_current(engine):
        return
    # Alembic takes a third of a second to load: a verb on a current database does without it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def heads(folder: Path = _SCRIPTS / "versions") -> frozenset[str]:
    """The revisions that no other one follows, read from the migrations' own text."""
    found: set[str] = set()
    followed: set[str] = set()
    for below, revision in _revisions(folder):
        (followed if below else found).add(revision)
    return frozenset(found - followed)


def _revisions(folder: Path) -> Iterator[tuple[bool, str]]:
    for path in folder.glob("*.py"):
        for below, revision in _REVISION.findall(path.read_text(encoding="utf-8")):
            yield bool(below), revision


def _is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""
    try:
        with read_only(engine).connect() as connection:
            kept = connection.execute(text("SELECT version_num FROM alembic_version")).scalars()
            return frozenset(kept) == heads()
    except DatabaseError:
        # a new database has no such table
        return False
