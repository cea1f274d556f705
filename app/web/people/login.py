"""Log-in, log-out, language and theme."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from app.domain.people.actor import Actor
from app.domain.people.permission import Permission
from app.service.people.commands import SESSION_LIFE
from app.service.people.hashing import TooManyLogIns
from app.web import i18n
from app.web.deps import deps_of
from app.web.people import auth
from app.web.people.auth import CurrentUser, actor_of
from app.web.render import respond

router = APIRouter()
_YEAR_S = 365 * 24 * 3600


def home_of(actor: Actor) -> str:
    """The page that somebody works on."""
    if actor.may(Permission.TAKE_CALLS):
        return "/desk"
    return "/calls" if actor.may(Permission.SEE_FLOOR) else "/tickets"


@router.get("/")
async def home(user: CurrentUser) -> RedirectResponse:
    return RedirectResponse(home_of(actor_of(user)), status_code=303)


@router.get("/login")
async def login_page(request: Request) -> HTMLResponse:
    return respond(request, None, "login.html", fault="", name="")


@router.post("/login")
async def login(
    request: Request, name: Annotated[str, Form()] = "", password: Annotated[str, Form()] = ""
) -> Response:
    try:
        token = await auth.log_in(deps_of(request), name.strip(), password)
    except TooManyLogIns as busy:
        page = respond(request, None, "login.html", status=503, fault="busy", name=name)
        page.headers["Retry-After"] = str(busy.retry_after_s)
        return page
    if token is None:
        return respond(request, None, "login.html", status=401, fault="wrong", name=name)
    answer = RedirectResponse("/", status_code=303)
    secure = request.url.scheme == "https"
    life = int(SESSION_LIFE.total_seconds())
    answer.set_cookie(
        auth.COOKIE, token, max_age=life, httponly=True, samesite="lax", secure=secure
    )
    return answer


@router.post("/logout")
async def logout(request: Request) -> RedirectResponse:
    token = request.cookies.get(auth.COOKIE)
    if token:
        await asyncio.to_thread(auth.log_out, deps_of(request), token)
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(auth.COOKIE)
    return answer


@router.post("/language/{language}")
async def language(request: Request, language: str) -> RedirectResponse:
    answer = RedirectResponse(_back(request), status_code=303)
    if language in i18n.LANGUAGES:
        answer.set_cookie(i18n.COOKIE, language, max_age=_YEAR_S, samesite="lax")
    return answer


def _back(request: Request) -> str:
    """The page that the form was on; never another site."""
    path = str(request.query_params.get("back", "/"))
    return path if path.startswith("/") and not path.startswith("//") else "/"
