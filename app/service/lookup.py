"""Records that must be there."""

from typing import TypeVar

from app.domain.refusal import NotFound
from app.service.people.records import User
from app.service.ports import UnitOfWork

R = TypeVar("R")


def require(uow: UnitOfWork, record: type[R], key: object, *, lock: bool = False) -> R:
    """The record with this key. Raises NotFound."""
    found = uow.get(record, key, lock=lock)
    if found is None:
        raise NotFound("not_found", f"no {record.__name__} {key}")
    return found


def require_user(uow: UnitOfWork, user_id: int) -> User:
    """An active user. Raises NotFound."""
    user = require(uow, User, user_id)
    if not user.active:
        raise NotFound("not_found", f"user {user_id} is not active")
    return user
