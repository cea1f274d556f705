"""What the queries of every subject are built on."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.adapters.db.engine import read_only
from app.adapters.db.tables import table_of

R = TypeVar("R")


class SqlReads:
    """Sessions for reading; what they answer stays readable after them.

    ``area_code`` completes the telephone numbers of the operator's own town.
    """

    def __init__(self, engine: Engine, area_code: str = "") -> None:
        self._engine = read_only(engine)
        self._area_code = area_code

    def _session(self) -> Session:
        return Session(self._engine, expire_on_commit=False, autoflush=False)


def rows(session: Session, record: type[R], **equal: object) -> Sequence[R]:
    """Records with these column values, in key order."""
    query = select(record).filter_by(**equal).order_by(*table_of(record).primary_key.columns)
    return session.scalars(query).all()
