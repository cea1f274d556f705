"""Log-ins, users and tokens, and the log of who has looked at what."""

from app.service.command import handles
from app.service.context import Context
from app.service.lookup import acting_user
from app.service.people.commands import (
    SESSION_LIFE,
    CloseSession,
    LogAccess,
    NoteFailedLogin,
    OpenSession,
)
from app.service.people.records import AuditEntry, WebSession
from app.service.ports import UnitOfWork


@handles(LogAccess)
def log_access(command: LogAccess, uow: UnitOfWork, context: Context) -> None:
    """The bus writes the line; there is nothing else to do."""


@handles(OpenSession)
def open_session(command: OpenSession, uow: UnitOfWork, context: Context) -> None:
    """Good for half a day. Raises NotFound for somebody who may not log in any more."""
    user, now = acting_user(uow, command.actor), context.clock.now()
    uow.add(
        WebSession(
            token_hash=command.token_hash,
            user_id=user.id or 0,
            created_at=now,
            expires_at=now + SESSION_LIFE,
        )
    )
    if command.password_hash is not None:
        user.password_hash = command.password_hash


@handles(CloseSession)
def close_session(command: CloseSession, uow: UnitOfWork, context: Context) -> None:
    """The cookie is worth nothing from now on."""
    session = uow.get(WebSession, command.token_hash)
    if session is not None:
        session.expires_at = context.clock.now()


@handles(NoteFailedLogin)
def note_failed_login(command: NoteFailedLogin, uow: UnitOfWork, context: Context) -> None:
    """Under the name that was typed, so that guessing can be seen."""
    uow.add(
        AuditEntry(
            at=context.clock.now(), who=command.name[:64], action="login_failed", subject="session"
        )
    )
