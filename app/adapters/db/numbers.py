"""Numbers that nobody else gets: one row a sequence, locked from the taking to the commit."""

from typing import Any

from sqlalchemy import Column, Integer, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.adapters.db.columns import metadata

number_sequences = Table(
    "number_sequences", metadata, Column("name", String(32), primary_key=True),
    Column("value", Integer, nullable=False),
)  # fmt: skip


def next_number(session: Session, sequence: str) -> int:
    """The number after the one that was taken last; 1 where none was. A transaction that rolls
    back gives its number back: whoever waits for the row gets it."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = sqlite.insert if on_sqlite else postgresql.insert
    after = number_sequences.c.value + 1
    first: Any = insert(number_sequences).values(name=sequence, value=1)
    taken = first.on_conflict_do_update(index_elements=["name"], set_={"value": after})
    found = session.execute(taken.returning(number_sequences.c.value))
    return int(found.scalar_one())
