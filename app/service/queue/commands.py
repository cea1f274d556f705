"""What may be asked of the queue and presence: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.calls import machine
from app.domain.ids import UserId
from app.domain.people.permission import Permission
from app.service.command import Command, SystemCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitCall(SystemCommand[machine.Admitted | machine.RobotTook]):
    """Decide where a new call goes; with ``overload`` callers waiting the robot takes it."""

    robot: bool = True
    overload: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePresence(Command[str]):
    """An agent goes ready, on break or offline; a supervisor may send somebody there too."""

    audited = False

    user_id: UserId
    event: str

    def needed(self) -> tuple[Permission, ...]:
        own = self.actor.is_user(self.user_id)
        return (Permission.TAKE_CALLS if own else Permission.MANAGE_AGENTS,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLine(Command[None]):
    """An agent's phone has another SIP address."""

    needs = (Permission.TAKE_CALLS,)

    line: str

    def audit_subject(self) -> str:
        return str(self.actor.id)
