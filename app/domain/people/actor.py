"""Who does something: a person, a program with a token, the robot, or the house itself."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from app.domain.ids import UserId
from app.domain.people.permission import Permission, permissions_of


class ActorKind(StrEnum):
    """``VERB`` is a command line of the operator, ``SYSTEM`` the house by itself."""

    USER = "user"
    TOKEN = "token"  # noqa: S105  a kind, not a secret
    VERB = "verb"
    ROBOT = "robot"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Every command carries one. ``name`` is unique and goes into the audit log (the log-in name
    of a person, the name of a token); ``display_name`` is shown; ``id`` where it is a user, or
    where a token was made for one."""

    kind: ActorKind
    name: str
    display_name: str
    permissions: frozenset[Permission]
    id: UserId | None = None

    @classmethod
    def user(cls, user_id: int, name: str, display_name: str, role: str) -> Self:
        """Somebody who is logged in."""
        return cls(
            kind=ActorKind.USER, id=UserId(user_id), name=name, display_name=display_name,
            permissions=permissions_of(role),
        )  # fmt: skip

    @classmethod
    def token(cls, name: str, role: str, user_id: int | None = None) -> Self:
        """A program; ``user_id`` of whom the token was made for."""
        return cls(
            kind=ActorKind.TOKEN, name=f"token:{name}", display_name=name,
            permissions=permissions_of(role), id=UserId(user_id) if user_id is not None else None,
        )  # fmt: skip

    def may(self, *wanted: Permission) -> bool:
        """Whether any of these is allowed."""
        return any(each in self.permissions for each in wanted)

    def is_user(self, user_id: int | None) -> bool:
        """Whether this is the user with that id; nobody is nobody."""
        return user_id is not None and self.id == user_id

    def for_user(self, user_id: int) -> Self:
        """The same, acting in the name of a user."""
        return replace(self, id=UserId(user_id))


def verb(name: str) -> Actor:
    """A command line: whoever may run it on the machine may do everything."""
    return Actor(
        kind=ActorKind.VERB, name=name, display_name=name, permissions=frozenset(Permission)
    )


SYSTEM: Final = Actor(
    kind=ActorKind.SYSTEM, name="holdline", display_name="holdline",
    permissions=frozenset(Permission),
)  # fmt: skip
ROBOT: Final = Actor(
    kind=ActorKind.ROBOT, name="robot", display_name="机器人",
    permissions=frozenset({Permission.OPEN_TICKETS, Permission.RUN_LINE}),
)  # fmt: skip
