"""What may be asked about people: one dataclass a command, imperative."""

from dataclasses import dataclass
from datetime import timedelta

from app.domain.people.permission import Permission
from app.service.command import AuditLine, Command, SystemCommand

SESSION_LIFE = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogAccess(Command[None]):
    """Somebody has looked at, or listened to, what is personal: it is kept who and when.

    ``action``: call_viewed, recording_played, calls_listed, ticket_viewed, …
    """

    needs = tuple(Permission)

    action: str
    subject: str

    def audit_line(self) -> AuditLine:
        return AuditLine(self.action, self.subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession(Command[None]):
    """A log-in went well; ``token_hash`` of the session's cookie, never the cookie itself.

    ``password_hash``: at today's cost, where the password was kept at another one.
    """

    needs = (Permission.LOG_IN,)

    token_hash: str
    password_hash: str | None = None

    def audit_line(self) -> AuditLine:
        return AuditLine("login", "session")


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSession(Command[None]):
    """Somebody logs out."""

    needs = (Permission.LOG_IN,)

    token_hash: str

    def audit_line(self) -> AuditLine:
        return AuditLine("logout", "session")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFailedLogin(SystemCommand[None]):
    """A wrong name or password; ``name`` is what was typed."""

    name: str
