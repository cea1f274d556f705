"""Every route of the application with odd values in every parameter: refused or empty, never a 5xx.

The routes come from the router itself, so that a new one is walked too.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel

from app.service.calls.commands import OpenCall
from tests.support.brain import Brain, running_brain

CALL = "0" * 31 + "1"
ODD = (
    str(10**23), str(2**31), "-1", "0", "²", "a\x00b", "0001-01-01", "9999-12-31", "x" * 70, "😀" * 3000, "",
)
ODD_JSON: tuple[object, ...] = (10**23, -1, 2**31, None, [], "\ud800", "\x00", "x" * 5000)
USERS = ("1001", "super", "admin", "tech1")
#: Answers that are not about parameters: a probe, and what ends the walker's own session.
LEFT_OUT = {"/readyz", "/logout"}
#: What a parameter has while another one is odd, so that the request gets as far as it can.
USUAL = {
    "call_id": CALL, "first": "2026-01-01", "last": "2026-12-31", "from": "2026-01-01",
    "to": "2026-12-31", "event": "go_ready", "kind": "retention", "action": "proceed", "key": "k",
    "language": "en", "line": "sip:1001@127.0.0.1", "name": "x", "hours": "4", "limit": "5",
    "address": "海景花园1栋", "phone": "13800000001", "plan_code": "tv-basic", "fate": "done",
    "promise": "0", "promise_text": "x", "promise_due": "2026-05-01T10:00", "template": "visit", "outcome": "done", "disposition": "answered", "to_": "faq:x",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def brain(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Brain]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    folder = tmp_path_factory.mktemp(request.param)
    with running_brain(folder, database_url=url) as made:
        deps = made.app.state.deps
        deps.bus.execute(OpenCall(call_id=CALL, bridge="b", sip_call_id="s", caller="13800000001", called="hotline", started_at=deps.clock.now()))
        yield made


@pytest.fixture(scope="module")
def people(brain: Brain) -> Iterator[dict[str, httpx.Client]]:
    clients = {}
    for name in USERS:
        clients[name] = brain.client()
        clients[name].post("/login", data={"name": name, "password": "demo1234"})
    yield clients
    for client in clients.values():
        client.close()


def _routes(brain: Brain) -> list[APIRoute]:
    found = [r for r in _inside(brain.app.routes) if r.path not in LEFT_OUT]
    assert len(found) > 50, "the walk has lost its way to the routes"
    return found


def _inside(routes: list[Any]) -> Iterator[APIRoute]:
    """Included routers keep their routes to themselves."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _inside(route.original_router.routes)


def _all(dependant: Dependant, kind: str) -> dict[str, Any]:
    found = {field.alias: field for field in getattr(dependant, kind)}
    for inner in dependant.dependencies:
        found |= _all(inner, kind)
    return found


class Request:
    """One route's request with usual values, of which one is replaced."""

    def __init__(self, route: APIRoute, method: str) -> None:
        self.method, self.route = method, route
        self.path = _all(route.dependant, "path_params")
        self.query = _all(route.dependant, "query_params")
        body = _all(route.dependant, "body_params")
        self.model = next((f.field_info.annotation for f in body.values()
                           if isinstance(f.field_info.annotation, type)
                           and issubclass(f.field_info.annotation, BaseModel)), None)
        self.files = {n for n, f in body.items() if "UploadFile" in str(f.field_info.annotation)}
        self.form = set() if self.model else set(body) - self.files

    def names(self) -> list[str]:
        return [*self.path, *self.query, *self.form, *self.files]

    def send(self, client: httpx.Client, name: str = "", odd: str = "") -> httpx.Response:
        def value(each: str) -> str:
            return odd if each == name else USUAL.get(each, "1")

        path = self.route.path
        for each in self.path:
            path = path.replace(f"{{{each}}}", _quoted(value(each)))
        given: dict[str, Any] = {"params": {q: value(q) for q in self.query if q == name or self.query[q].field_info.is_required()}}
        if self.files:
            given["files"] = {f: (value(f)[:50] or "x", value(f).encode()) for f in self.files}
        if self.form or self.files:
            given["data"] = {f: value(f) for f in self.form}
        if self.model:
            given["json"] = {f: USUAL.get(f, "1") for f in self.model.model_fields}
        try:
            return client.request(self.method, path, **given)
        except httpx.TransportError:
            # the server ended a connection that was kept open; a second time would be its fault
            return client.request(self.method, path, **given)

    def send_json(self, client: httpx.Client, name: str, odd: object) -> httpx.Response:
        import json
        body = {f: USUAL.get(f, "1") for f in self.model.model_fields} | {name: odd}
        path = re.sub(r"\{.*?\}", "1", self.route.path)
        return client.request(self.method, path, content=json.dumps(body),
                              headers={"content-type": "application/json"})


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in (text or "-").encode())


def _may(request: Request, people: dict[str, httpx.Client]) -> httpx.Client:
    """Somebody whose role lets the request get to its parameters."""
    for client in people.values():
        if request.send(client).status_code != 403:
            return client
    return next(iter(people.values()))


def test_no_odd_parameter_of_any_route_gives_a_fault(
    brain: Brain, people: dict[str, httpx.Client]
) -> None:
    faults = []
    for route in _routes(brain):
        for method in sorted(route.methods - {"HEAD"}):
            request = Request(route, method)
            client = _may(request, people)
            sent = [(n, odd, request.send(client, n, odd)) for n in request.names() for odd in ODD]
            if request.model:
                sent += [(n, odd, request.send_json(client, n, odd))
                         for n in request.model.model_fields for odd in ODD_JSON]
            faults += [f"{method} {route.path} {n}={str(odd)[:30]!r}: {answer.status_code}"
                       for n, odd, answer in sent if answer.status_code >= 500]
    assert not faults, "\n".join(faults)
