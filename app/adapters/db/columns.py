"""Columns as all tables have them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python; SQLite stores it without a zone, PostgreSQL with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    # SQLAlchemy passes the dialect by this name; both ignore it.
    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware (UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def key() -> Column[int]:
    return Column("id", Integer, primary_key=True, autoincrement=True)


def text(name: str, size: int | None = None, **options: Any) -> Column[str]:
    kind = String(size) if size else Text()
    return Column(name, kind, nullable=False, server_default="", **options)


def whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def at(name: str, *, optional: bool = False, index: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime(), nullable=optional, index=index)


def ref(name: str, target: str, *, optional: bool = True) -> Column[Any]:
    kind = String(32) if target == "calls.id" else Integer
    return Column(name, kind, ForeignKey(target), nullable=optional, index=True)


def beginning(table: str, column: str) -> Index:
    """An index that PostgreSQL also uses for what begins with a text, whatever its collation."""
    operators = {column: "varchar_pattern_ops"}
    return Index(f"ix_{table}_{column}", column, postgresql_ops=operators)
