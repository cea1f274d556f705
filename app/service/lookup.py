"""Look up records that must exist."""

from typing import TypeVar

from app.domain.people.actor import Actor
from app.domain.refusal import Forbidden, NotFound, RefusalCode, Refused
from app.service.calls.records import Call
from app.service.people.records import User
from app.service.ports import UnitOfWork

R = TypeVar("R")


def require(uow: UnitOfWork, record: type[R], key: object, *, lock: bool = False) -> R:
    """The record with this key. Raises NotFound."""
    found = uow.get(record, key, lock=lock)
    if found is None:
        raise NotFound(RefusalCode.NOT_FOUND, f"no {record.__name__} {key}")
    return found


def require_user(uow: UnitOfWork, user_id: int) -> User:
    """An active user. Raises NotFound."""
    user = require(uow, User, user_id)
    if not user.active:
        raise NotFound(RefusalCode.NOT_FOUND, f"user {user_id} is not active")
    return user


def acting_user(uow: UnitOfWork, actor: Actor) -> User:
    """The user who acts. Raises Forbidden for an actor that is none."""
    if actor.id is None:
        raise Forbidden(f"{actor.name} is not a user")
    return require_user(uow, actor.id)


def own_call(uow: UnitOfWork, call_id: str, actor: Actor) -> Call:
    """An agent's own call, locked. Raises NotFound, Refused where it is another agent's."""
    call = require(uow, Call, call_id, lock=True)
    if not actor.is_user(call.agent_id):
        raise Refused(RefusalCode.NOT_YOURS, "this call belongs to another agent")
    return call
