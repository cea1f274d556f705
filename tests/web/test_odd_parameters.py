"""Every route of the application with odd values in every parameter: refused or empty, never a 5xx.

The routes come from the router itself, so that a new one is walked too.
"""

import json
import re
from collections.abc import Iterator

import httpx
import pytest

from app.service.calls.commands import OpenCall
from tests.support.brain import Brain, running_brain
from tests.support.routes import RouteRequest, http_routes

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


def _requests(brain: Brain) -> list[RouteRequest]:
    found = [RouteRequest(route, method, USUAL) for method, route in http_routes(brain.app.routes) if route.path not in LEFT_OUT]
    assert len(found) > 50, "the walk has lost its way to the routes"
    return found


def _send_json(request: RouteRequest, client: httpx.Client, name: str, odd: object) -> httpx.Response:
    path = re.sub(r"\{.*?\}", "1", request.route.path)
    return client.request(request.method, path, content=json.dumps(request.json() | {name: odd}), headers={"content-type": "application/json"})


def _may(request: RouteRequest, people: dict[str, httpx.Client]) -> httpx.Client:
    """Somebody whose role lets the request get to its parameters."""
    for client in people.values():
        if request.send(client).status_code != 403:
            return client
    return next(iter(people.values()))


def test_no_odd_parameter_of_any_route_gives_a_fault(
    brain: Brain, people: dict[str, httpx.Client]
) -> None:
    faults = []
    for request in _requests(brain):
        client = _may(request, people)
        sent: list[tuple[str, object, httpx.Response]]
        sent = [(n, odd, request.send(client, n, odd)) for n in request.names() for odd in ODD]
        sent += [(n, odd, _send_json(request, client, n, odd)) for n in request.fields for odd in ODD_JSON]
        faults += [f"{request.method} {request.route.path} {n}={str(odd)[:30]!r}: {answer.status_code}"
                   for n, odd, answer in sent if answer.status_code >= 500]
    assert not faults, "\n".join(faults)
