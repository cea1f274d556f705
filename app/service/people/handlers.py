"""Log-ins, users and tokens, and the log of who has looked at what."""

from app.domain.ids import UserId
from app.domain.refusal import NotFound, Refused
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import acting_user
from app.service.people.commands import (
    SESSION_LIFE,
    AddUser,
    CloseSession,
    CreateToken,
    LogAccess,
    NoteFailedLogin,
    OpenSession,
)
from app.service.people.records import ApiToken, AuditEntry, User, WebSession
from app.service.ports import UnitOfWork


@handles(LogAccess)
def log_access(command: LogAccess, uow: UnitOfWork, context: Context) -> None:
    """The bus writes the line; there is nothing else to do."""


@handles(OpenSession)
def open_session(command: OpenSession, uow: UnitOfWork, context: Context) -> None:
    """Good for half a day. Raises NotFound for somebody who may not log in any more."""
    user, now = acting_user(uow, command.actor), context.clock.now()
    uow.add(WebSession(command.token_hash, user.id or 0, now, now + SESSION_LIFE))


@handles(CloseSession)
def close_session(command: CloseSession, uow: UnitOfWork, context: Context) -> None:
    """The cookie is worth nothing from now on."""
    session = uow.get(WebSession, command.token_hash)
    if session is not None:
        session.expires_at = context.clock.now()


@handles(NoteFailedLogin)
def note_failed_login(command: NoteFailedLogin, uow: UnitOfWork, context: Context) -> None:
    """Under the name that was typed, so that guessing can be seen."""
    uow.add(AuditEntry(context.clock.now(), command.name[:64], "login_failed", "session"))


@handles(AddUser)
def add_user(command: AddUser, uow: UnitOfWork, context: Context) -> UserId:
    """Raises Refused where the name is taken."""
    if uow.find(User, name=command.name):
        raise Refused("user_name", f"there is a user {command.name} already")
    user = User(
        command.name, command.display_name, command.role, command.password_hash, command.line,
        offer_authority=command.authority,
    )  # fmt: skip
    uow.add(user)
    uow.flush()
    return UserId(user.id or 0)


@handles(CreateToken)
def create_token(command: CreateToken, uow: UnitOfWork, context: Context) -> None:
    """Raises NotFound for an unknown user."""
    owner = None
    if command.user:
        found = uow.find(User, name=command.user, active=True)
        if not found:
            raise NotFound("not_found", f"there is no user {command.user}")
        owner = found[0].id
    token = ApiToken(command.token_hash, command.name, command.role, context.clock.now())
    token.user_id = owner
    uow.add(token)
