"""Reads of people."""

from datetime import datetime

from sqlalchemy import select

from app.adapters.db.reads import SqlReads
from app.service.people.records import ApiToken, User, WebSession


class SqlPeopleQueries(SqlReads):
    """SQL behind the port PeopleQueries: users, sessions and tokens."""

    def user_by_name(self, name: str) -> User | None:
        with self._session() as session:
            return session.scalar(select(User).filter_by(name=name, active=True))

    def user(self, user_id: int) -> User | None:
        with self._session() as session:
            return session.get(User, user_id)

    def session_user(self, token_hash: str, now: datetime) -> User | None:
        with self._session() as session:
            found = session.get(WebSession, token_hash)
            if found is None or found.expires_at <= now:
                return None
            user = session.get(User, found.user_id)
            return user if user is not None and user.active else None

    def token(self, token_hash: str) -> ApiToken | None:
        query = select(ApiToken).filter_by(token_hash=token_hash, revoked_at=None)
        with self._session() as session:
            return session.scalar(query)
