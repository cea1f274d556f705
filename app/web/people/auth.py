"""Who is there: password log-in with a session cookie for people, bearer tokens for programs."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.service.people.records import AuditEntry, User, WebSession
from app.web.deps import WebDeps, deps_of

COOKIE = "holdline_session"
SESSION_LIFE = timedelta(hours=12)
ROLES = ("agent", "technician", "supervisor", "manager", "administrator")
_hasher = PasswordHasher()


class LoginNeeded(Exception):  # noqa: N818
    """Nobody is logged in: pages go to the log-in, programs get 401."""


class Forbidden(Exception):  # noqa: N818
    """The role may not do this."""


def hash_password(password: str) -> str:
    """Argon2id, with the library's current cost."""
    return _hasher.hash(password)


def check_password(stored: str, given: str) -> bool:
    try:
        return _hasher.verify(stored, given)
    except (VerifyMismatchError, InvalidHashError):
        return False


#: Checked for unknown names too, so that the answer takes as long as for a known one.
_DUMMY_HASH = hash_password(secrets.token_urlsafe(16))


def token_hash(token: str) -> str:
    """What is stored of a random token: it cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def log_in(deps: WebDeps, name: str, password: str) -> str | None:
    """A new session's token, None for a wrong name or password. Blocking."""
    user = deps.queries.user_by_name(name)
    stored = user.password_hash if user is not None else _DUMMY_HASH
    right = check_password(stored, password) and user is not None
    now = deps.clock.now()
    with deps.unit_of_work() as uow:
        uow.add(AuditEntry(now, name[:64], "login" if right else "login_failed", "session"))
        token = None
        if right and user is not None and user.id is not None:
            token = secrets.token_urlsafe(32)
            uow.add(WebSession(token_hash(token), user.id, now, now + SESSION_LIFE))
        uow.commit()
    return token


def log_out(deps: WebDeps, token: str) -> None:
    """End a session. Blocking."""
    with deps.unit_of_work() as uow:
        session = uow.get(WebSession, token_hash(token))
        if session is not None:
            session.expires_at = deps.clock.now()
        uow.commit()


async def user_of(connection: HTTPConnection) -> User | None:
    """Who the session cookie belongs to."""
    token = connection.cookies.get(COOKIE)
    if not token:
        return None
    deps = deps_of(connection)
    return await asyncio.to_thread(
        deps.queries.session_user, token_hash(token), deps.clock.now()
    )  # fmt: skip


async def current_user(request: Request) -> User:
    """The logged-in user. Raises LoginNeeded."""
    user = await user_of(request)
    if user is None:
        raise LoginNeeded
    return user


CurrentUser = Annotated[User, Depends(current_user)]


@dataclass(frozen=True, slots=True)
class Allow:
    """Dependency: the logged-in user, where the role is one of these. Raises Forbidden."""

    roles: tuple[str, ...]

    async def __call__(self, user: CurrentUser) -> User:
        if user.role not in self.roles:
            raise Forbidden
        return user


AgentUser = Annotated[User, Depends(Allow(("agent",)))]
FloorUser = Annotated[User, Depends(Allow(("supervisor", "manager", "administrator")))]
DeskUser = Annotated[User, Depends(Allow(("agent", "supervisor", "manager", "administrator")))]


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a bearer token; its role decides what it may do."""

    name: str
    role: str


async def program_of(request: Request) -> Program:
    """The caller of the API: a bearer token, or a logged-in user. Raises LoginNeeded."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        role = await asyncio.to_thread(deps_of(request).queries.token_role, token_hash(token))
        if role is None:
            raise LoginNeeded
        return Program("api", role)
    user = await current_user(request)
    return Program(user.display_name, user.role)


CurrentProgram = Annotated[Program, Depends(program_of)]


def may(program: Program, *roles: str) -> None:
    """Raises Forbidden where the program's role is none of these (administrators may all)."""
    if program.role not in (*roles, "administrator"):
        raise Forbidden


def same_origin(request: HTTPConnection) -> bool:
    """Whether a browser sent this from one of our own pages (or it is no browser)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
