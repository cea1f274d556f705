"""Actors for tests of what the business allows; who may do what has tests of its own."""

from app.domain.ids import UserId
from app.domain.people.actor import Actor, ActorKind
from app.domain.people.permission import Permission

_ALL = frozenset(Permission) - {Permission.RUN_LINE}


def as_user(user_id: int | None, name: str = "") -> Actor:
    """A person with every permission that people can have."""
    name = name or f"user-{user_id}"
    return Actor(
        kind=ActorKind.USER, id=UserId(user_id) if user_id else None, name=name, display_name=name, permissions=_ALL
    )


def named(name: str) -> Actor:
    """Somebody of whom only the name matters."""
    return as_user(None, name)
