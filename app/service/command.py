"""Commands: what may be asked of the application, by whom, and what comes back.

A command is a frozen dataclass of a subject's ``commands.py``; its handler stands in the same
subject and registers itself with ``@handles``. The bus (``service/bus.py``) runs it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Generic, TypeVar

from app.domain.people.actor import SYSTEM, Actor
from app.domain.people.permission import Permission
from app.service.context import Context
from app.service.ports import UnitOfWork

R = TypeVar("R")
C = TypeVar("C", bound="Command[Any]")
Handler = Callable[[C, UnitOfWork, Context], R]
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class AuditLine:
    """What the audit log says of a command: the action, what it was done to, and more."""

    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[R]):
    """Something that ``actor`` wants; ``R`` is what the bus answers with."""

    #: Any one of these is enough.
    needs: ClassVar[tuple[Permission, ...]]
    #: Whether what people and programs do with it is written into the audit log.
    audited: ClassVar[bool] = True

    actor: Actor

    def needed(self) -> tuple[Permission, ...]:
        """The permissions of which the actor must have one."""
        return self.needs

    def audit_line(self) -> AuditLine | None:
        """What the audit log keeps; None where nothing is kept."""
        return AuditLine(action_name(type(self)), self.audit_subject()) if self.audited else None

    def audit_subject(self) -> str:
        """What it is done to, without names, numbers or words of people."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCommand(Command[R]):
    """What only the house itself does: a bridge's fact, something heard, a timer."""

    needs: ClassVar[tuple[Permission, ...]] = (Permission.RUN_LINE,)
    audited: ClassVar[bool] = False

    actor: Actor = SYSTEM


def action_name(command: type[Command[Any]]) -> str:
    """``OpenTicket`` as ``open_ticket``."""
    return _WORDS.sub("_", command.__name__).lower()


_HANDLERS: Final[dict[type[Command[Any]], Handler[Any, Any]]] = {}


def handles(command: type[C]) -> Callable[[Handler[C, R]], Handler[C, R]]:
    """The function below carries this command out. Raises TypeError for a second one."""

    def register(handler: Handler[C, R]) -> Handler[C, R]:
        if command in _HANDLERS:
            raise TypeError(f"{command.__name__} has two handlers")
        _HANDLERS[command] = handler
        return handler

    return register


def handler_of(command: type[Command[R]]) -> Handler[Any, R]:
    """Raises LookupError where no room of the house carries it out."""
    found = _HANDLERS.get(command)
    if found is None:
        raise LookupError(f"nobody handles {command.__name__}")
    return found
