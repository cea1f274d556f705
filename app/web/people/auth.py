"""Who is there: password log-in with a session cookie for people, bearer tokens for programs."""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from app.domain.ids import UserId
from app.domain.people.actor import Actor
from app.domain.people.permission import Permission
from app.domain.refusal import Forbidden
from app.service.people.commands import CloseSession, LogAccess, NoteFailedLogin, OpenSession
from app.service.people.passwords import token_hash
from app.service.people.records import User
from app.web.deps import WebDeps, deps_of
from app.web.reads import PeopleReads

COOKIE = "holdline_session"


class LoginNeeded(Exception):  # noqa: N818
    """Nobody is logged in: pages go to the log-in, programs get 401."""


def user_id_of(user: User) -> UserId:
    """The id of a stored user."""
    assert user.id is not None  # noqa: S101  stored users have one
    return UserId(user.id)


def actor_of(user: User) -> Actor:
    """A logged-in person, as commands carry it."""
    return Actor.user(user_id_of(user), user.name, user.display_name, user.role)


async def log_in(deps: WebDeps, name: str, password: str) -> str | None:
    """A new session's token, None for a wrong name or password. Raises TooManyLogIns."""
    user = await asyncio.to_thread(deps.reads.people.user_by_name, name)
    stored = user.password_hash if user is not None else None
    verdict = await deps.passwords.check(stored, password)
    right = verdict.right and password not in deps.refused_passwords
    if not right or user is None:
        await asyncio.to_thread(deps.bus.execute, NoteFailedLogin(name=name))
        return None
    token = secrets.token_urlsafe(32)
    opening = OpenSession(
        token_hash=token_hash(token), password_hash=verdict.fresh, actor=actor_of(user)
    )
    await asyncio.to_thread(deps.bus.execute, opening)
    return token


def log_out(deps: WebDeps, token: str) -> None:
    """End a session. Blocking."""
    user = deps.reads.people.session_user(token_hash(token), deps.clock.now())
    if user is not None:
        deps.bus.execute(CloseSession(token_hash=token_hash(token), actor=actor_of(user)))


def log_access(deps: WebDeps, actor: Actor, action: str, subject: str) -> None:
    """Keep who has looked at what is personal. Blocking."""
    deps.bus.execute(LogAccess(action=action, subject=subject, actor=actor))


async def user_of(connection: HTTPConnection) -> User | None:
    """Who the session cookie belongs to."""
    token = connection.cookies.get(COOKIE)
    if not token:
        return None
    deps = deps_of(connection)
    return await asyncio.to_thread(
        deps.reads.people.session_user, token_hash(token), deps.clock.now()
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
    """Dependency: the logged-in user, who has one of these permissions. Raises Forbidden."""

    permissions: tuple[Permission, ...]

    async def __call__(self, user: CurrentUser) -> User:
        check(actor_of(user), *self.permissions)
        return user


def check(actor: Actor, *wanted: Permission) -> None:
    """Raises Forbidden for an actor who has none of these."""
    if not actor.may(*wanted):
        raise Forbidden(f"{actor.name} lacks {' or '.join(wanted)}")


AgentUser = Annotated[User, Depends(Allow((Permission.TAKE_CALLS,)))]
FloorUser = Annotated[User, Depends(Allow((Permission.SEE_FLOOR,)))]
SpeechTeacher = Annotated[User, Depends(Allow((Permission.TEACH_SPEECH,)))]
DeskUser = Annotated[User, Depends(Allow((Permission.SEE_OWN_CALLS, Permission.SEE_CALLS)))]


async def program_of(request: Request, reads: PeopleReads) -> Actor:
    """The caller of the API: a bearer token, or a logged-in user. Raises LoginNeeded."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token:
        found = await asyncio.to_thread(reads.token, token_hash(token))
        if found is None:
            raise LoginNeeded
        return Actor.token(found.name, found.role, found.user_id)
    return actor_of(await current_user(request))


CurrentProgram = Annotated[Actor, Depends(program_of)]


def same_origin(request: HTTPConnection) -> bool:
    """Whether a browser sent this from one of our own pages (or it is no browser)."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")
