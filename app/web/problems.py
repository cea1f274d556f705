"""Errors as RFC 9457 problem details for programs, as plain words for people."""

import logging
import time

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from app.domain.refusal import Forbidden, Invalid, NotFound, Refused
from app.language.knowledge.content import ContentError
from app.service.away import StorageAway
from app.web.answers import PROBLEM_JSON, Problem
from app.web.i18n import N_, Translator
from app.web.labels import REFUSALS
from app.web.people.auth import LoginNeeded, same_origin
from app.web.render import page_of

log = logging.getLogger(__name__)
RETRY_AFTER_S = 10
STORAGE_AWAY = N_(
    "Nothing can be stored at the moment: the database is away or the disk is full. Calls go on;"
    " try again in a minute and tell your administrator."
)


def _is_program(request: Request) -> bool:
    return request.url.path.startswith("/api/")


def problem(status: int, title: str, detail: str = "", code: str = "") -> JSONResponse:
    """``application/problem+json`` (RFC 9457); ``code`` is stable."""
    body = Problem(title=title, status=status, detail=detail, code=code).model_dump()
    said = {name: value for name, value in body.items() if value != ""}
    return JSONResponse(said, status, media_type=PROBLEM_JSON)


def _status(refusal: Refused) -> int:
    if isinstance(refusal, NotFound):
        return 404
    return 422 if isinstance(refusal, Invalid) else 409


def _page(request: Request, status: int, message: str) -> Response:
    page = page_of(request, None)
    text = page.translate(message)
    if request.headers.get("hx-request"):
        return HTMLResponse(page.html("toast.html", text=text), status_code=status)
    return HTMLResponse(page.html("problem.html", text=text, status=status), status_code=status)


async def on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101  registered for it
    status = _status(error)
    if _is_program(request):
        return problem(status, "Refused", error.detail, error.code)
    return _page(request, status, REFUSALS[error.code])


def describe_fault(translate: Translator, error: ContentError) -> str:
    """What is wrong with content, with its place."""
    text = translate(error.message, **error.values)
    if not error.file:
        return text
    if not error.line:
        return f"{error.file}: {text}"
    return translate("{file}, line {line}: {fault}", file=error.file, line=error.line, fault=text)


async def on_content(request: Request, error: Exception) -> Response:
    assert isinstance(error, ContentError)  # noqa: S101  registered for it
    if _is_program(request):
        return problem(422, "Content cannot be used", str(error), "content")
    return _page(request, 422, describe_fault(page_of(request, None).translate, error))


async def on_storage_away(request: Request, error: Exception) -> Response:
    """Nothing can be read or stored: said so, with when to try again."""
    _told.error("nothing can be stored", error)
    if _is_program(request):
        answer: Response = problem(503, "Storage away", "nothing can be stored now", "storage")
    else:
        answer = _page(request, 503, STORAGE_AWAY)
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


class _OnceASecond:
    """An outage meets every request: its log line comes at most once a second."""

    def __init__(self) -> None:
        self._at = float("-inf")

    def error(self, what: str, error: Exception) -> None:
        now = time.monotonic()
        if now - self._at >= 1.0:
            self._at = now
            log.error("%s: %s", what, error)


_told = _OnceASecond()


async def on_login_needed(request: Request, _: Exception) -> Response:
    if _is_program(request):
        answer = problem(401, "Unauthorized", "a valid bearer token is needed")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    return RedirectResponse("/login", status_code=303)


async def on_forbidden(request: Request, _: Exception) -> Response:
    if _is_program(request):
        return problem(403, "Forbidden", "the token's role may not do this")
    return _page(request, 403, N_("Your role may not do this."))


async def on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  registered for it
    first = next(iter(error.errors()), {"loc": ("request",), "msg": "holds the character NUL"})
    where = ".".join(str(part) for part in first["loc"])
    if _is_program(request):
        return problem(422, "Invalid request", f"{where}: {first['msg']}", "invalid")
    return _page(request, 422, N_("Something in the form is missing or wrong."))


async def on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for it
    if _is_program(request):
        return problem(error.status_code, str(error.detail))
    text = N_("There is no such page.") if error.status_code == 404 else str(error.detail)
    return _page(request, error.status_code, text)


async def _holds_nul(request: Request) -> bool:
    """Whether path, query or a form's text has a NUL in it."""
    if "\x00" in request.url.path or b"%00" in request.scope["query_string"]:
        return True
    kind = request.headers.get("content-type", "")
    return kind.startswith("application/x-www-form-urlencoded") and b"%00" in await request.body()


def install(app: FastAPI) -> None:
    """All handlers, and the refusal of forms that another site sends."""
    app.add_exception_handler(Refused, on_refused)
    app.add_exception_handler(ContentError, on_content)
    app.add_exception_handler(StorageAway, on_storage_away)
    app.add_exception_handler(LoginNeeded, on_login_needed)
    app.add_exception_handler(Forbidden, on_forbidden)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_http)

    @app.middleware("http")
    async def guard(request: Request, call_next):  # type: ignore[no-untyped-def]
        if await _holds_nul(request):
            # no database of ours keeps one, and nobody types one
            return await on_invalid(request, RequestValidationError([]))
        unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
        if unsafe and "authorization" not in request.headers and not same_origin(request):
            return problem(403, "Forbidden", "this form was sent from another site")
        response = await call_next(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault(
            "Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"
        )
        return response
