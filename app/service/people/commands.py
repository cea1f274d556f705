"""What may be asked about people: one dataclass a command, imperative."""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.ids import UserId
from app.domain.people.permission import Permission
from app.service.command import AuditLine, Command, SystemCommand

SESSION_LIFE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class LogAccess(Command[None]):
    """Somebody has looked at, or listened to, what is personal: it is kept who and when.

    ``action``: call_viewed, recording_played, calls_listed, ticket_viewed, …
    """

    needs = tuple(Permission)

    action: str
    subject: str

    def audit_line(self) -> AuditLine:
        return AuditLine(self.action, self.subject)


@dataclass(frozen=True, slots=True)
class OpenSession(Command[None]):
    """A log-in went well; ``token_hash`` of the session's cookie, never the cookie itself."""

    needs = (Permission.LOG_IN,)

    token_hash: str

    def audit_line(self) -> AuditLine:
        return AuditLine("login", "session")


@dataclass(frozen=True, slots=True)
class CloseSession(Command[None]):
    """Somebody logs out."""

    needs = (Permission.LOG_IN,)

    token_hash: str

    def audit_line(self) -> AuditLine:
        return AuditLine("logout", "session")


@dataclass(frozen=True, slots=True)
class NoteFailedLogin(SystemCommand[None]):
    """A wrong name or password; ``name`` is what was typed."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser(Command[UserId]):
    """Somebody who may log in; ``authority``: up to which level offers may be made."""

    needs = (Permission.MANAGE_PEOPLE,)

    name: str
    display_name: str
    role: str
    password_hash: str
    line: str = ""
    authority: int = 0

    def audit_line(self) -> AuditLine:
        return AuditLine("user_added", self.name, self.role)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateToken(Command[None]):
    """A bearer token for a program; ``user`` is the log-in name of whom it is made for, if any."""

    needs = (Permission.MANAGE_PEOPLE,)

    name: str
    role: str
    token_hash: str
    user: str = ""

    def audit_line(self) -> AuditLine:
        return AuditLine("token_created", self.name, self.role)
