"""Full-text search of what was said: pairs of characters, in FTS5 or a tsvector with a GIN index.

Chinese has no spaces and most words have two characters: a text is the run of its overlapping
pairs, and what is looked for is a phrase of them, so that exactly the substrings are found
(Manning, Raghavan, Schütze 2008, Introduction to Information Retrieval, 3.2.2). The pairs are
handed to the databases ready made: they are no words that their parsers would find.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.orm import Session

from app.language.understanding.normalise import searchable
from app.service.calls.records import Utterance

TABLE = "utterance_words"
_MOST_PAIRS = 2000
_NEWEST = 2**31 - 1
#: How many of the newest utterances are searched for a common word: sorting all takes long.
_RECENT = 20_000
_FIND_SQLITE = (
    f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :pairs AND rowid < :below"  # noqa: S608
    " ORDER BY rowid DESC LIMIT :limit"
)
_FIND_POSTGRES = (
    f"SELECT id FROM {TABLE} WHERE pairs @@ CAST(:pairs AS tsquery)"  # noqa: S608
    " AND id < :below ORDER BY id DESC LIMIT :limit"
)
_FIND_RECENT = (
    f"WITH recent AS MATERIALIZED (SELECT id, pairs FROM {TABLE} WHERE id < :below"  # noqa: S608
    f" ORDER BY id DESC LIMIT {_RECENT}) SELECT id FROM recent"
    " WHERE pairs @@ CAST(:pairs AS tsquery) ORDER BY id DESC LIMIT :limit"
)
_SQLITE = f"CREATE VIRTUAL TABLE {TABLE} USING fts5(pairs, content='', detail=full)"
_POSTGRES = (
    f"CREATE TABLE {TABLE} (id integer PRIMARY KEY, pairs tsvector NOT NULL)",
    f"CREATE INDEX ix_{TABLE}_pairs ON {TABLE} USING gin (pairs)",
)


def pairs_of(raw: str) -> list[str]:
    """Overlapping pairs of characters, then the last character by itself."""
    plain = searchable(raw)[:_MOST_PAIRS]
    return [plain[at : at + 2] for at in range(len(plain))]


def create(connection: Connection) -> None:
    """Create the index and fill it with the utterances that are stored already."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_SQLITE)
    else:
        for statement in _POSTGRES:
            connection.exec_driver_sql(statement)
    said = connection.execute(text("SELECT id, text FROM utterances"))
    while rows := said.fetchmany(1000):
        add(connection, [(int(row[0]), str(row[1])) for row in rows])


def drop(connection: Connection) -> None:
    connection.exec_driver_sql(f"DROP TABLE {TABLE}")


def add(connection: Connection, said: Iterable[tuple[int, str]]) -> None:
    """Texts by the id of their utterance."""
    sqlite = connection.dialect.name == "sqlite"
    rows = [{"id": key, "pairs": _stored(pairs_of(raw), sqlite=sqlite)} for key, raw in said]
    if not rows:
        return
    into = "(rowid, pairs) VALUES (:id, :pairs)"
    if not sqlite:
        into = "(id, pairs) VALUES (:id, CAST(:pairs AS tsvector))"
    connection.execute(text(f"INSERT INTO {TABLE} {into}"), rows)


def replace(connection: Connection, key: int, before: str, after: str) -> None:
    """An utterance says something else now. An index without content must be told what it held."""
    if connection.dialect.name == "sqlite":
        held = _stored(pairs_of(before), sqlite=True)
        connection.execute(
            text(f"INSERT INTO {TABLE} ({TABLE}, rowid, pairs) VALUES ('delete', :id, :pairs)"),  # noqa: S608
            {"id": key, "pairs": held},
        )
    else:
        connection.execute(text(f"DELETE FROM {TABLE} WHERE id = :id"), {"id": key})  # noqa: S608
    add(connection, [(key, after)])


def _stored(pairs: list[str], *, sqlite: bool) -> str:
    if sqlite:
        return " ".join(pairs)
    return " ".join(f"'{pair}':{at}" for at, pair in enumerate(pairs, start=1))


def matching(session: Session, wanted: str, below: int | None, limit: int) -> list[int]:
    """Ids of utterances that hold the text, the newest first, below an id. Empty without words."""
    pairs = pairs_of(wanted)
    if not pairs:
        return []
    if len(pairs) > 1:
        pairs.pop()
    one = len(pairs[0]) == 1
    values: dict[str, Any] = {"below": below if below is not None else _NEWEST, "limit": limit}
    if session.get_bind().dialect.name == "sqlite":
        values["pairs"] = f"{pairs[0]}*" if one else f'"{" ".join(pairs)}"'
        return _ids(session, _FIND_SQLITE, values)
    values["pairs"] = f"'{pairs[0]}':*" if one else "<->".join(f"'{p}'" for p in pairs)
    found = _ids(session, _FIND_RECENT, values)
    return found if len(found) == limit else _ids(session, _FIND_POSTGRES, values)


def _ids(session: Session, query: str, values: dict[str, Any]) -> list[int]:
    return [int(row[0]) for row in session.execute(text(query), values)]


def follow() -> None:
    """Every utterance that is stored, or corrected, is indexed in the same transaction."""

    @event.listens_for(Utterance, "after_insert")
    def _index(_: Any, connection: Connection, said: Utterance) -> None:
        assert said.id is not None  # noqa: S101  inserted
        add(connection, [(said.id, said.text)])

    @event.listens_for(Utterance, "after_update")
    def _index_again(_: Any, connection: Connection, said: Utterance) -> None:
        changed = inspect(said).attrs.text.history
        if changed.has_changes() and said.id is not None:
            before = changed.deleted[0] if changed.deleted else ""
            replace(connection, said.id, before, said.text)
