"""What pages and programs read of people."""

from datetime import datetime
from typing import Protocol

from app.service.people.records import ApiToken, User


class PeopleQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def user_by_name(self, name: str) -> User | None: ...

    def user(self, user_id: int) -> User | None: ...

    def session_user(self, token_hash: str, now: datetime) -> User | None: ...

    def token(self, token_hash: str) -> ApiToken | None:
        """A token that was not revoked."""
        ...
