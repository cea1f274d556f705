"""Alembic's entry: the project's tables, the database of the settings."""

from alembic import context

from app.adapters.db.engine import make_engine
from app.adapters.db.tables import metadata
from app.adapters.db.word_index import TABLE
from app.settings import Settings


def _ours(name: str | None, kind: str, _: object) -> bool:
    """The full-text index is kept by ``word_index``; FTS5 adds tables of its own."""
    return kind != "table" or not (name or "").startswith(TABLE)


def run() -> None:
    """Run the migrations on the connection that is given, or on the settings' database."""
    given = context.config.attributes.get("connection")
    if given is not None:
        context.configure(connection=given, target_metadata=metadata, render_as_batch=True,
                          include_name=_ours)  # fmt: skip
        context.run_migrations()
        return
    engine = make_engine(Settings().database)
    with engine.begin() as connection:
        context.configure(connection=connection, target_metadata=metadata, render_as_batch=True,
                          include_name=_ours)  # fmt: skip
        context.run_migrations()
    engine.dispose()


run()
