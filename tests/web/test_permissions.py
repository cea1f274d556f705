"""Who gets in where: every route with every role, as ``access.txt`` has it.

The routes come from the router itself: one that has no line in the table fails, and so does a line without a route.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount, Route
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from app.bootstrap.store import Store, open_store
from app.domain.calls import machine
from app.domain.ids import CaseId, UserId
from app.domain.people.actor import verb
from app.domain.refusal import RefusalCode
from app.media import wav
from app.service.callbacks.commands import FileVoicemail
from app.service.callbacks.records import Task
from app.service.calls.commands import AdvanceCall, CloseCall, OpenCall, RecordUtterance
from app.service.calls.records import Call
from app.service.field.commands import OpenTicket
from app.service.people.passwords import token_hash
from app.service.people.records import ApiToken
from app.service.ports import Word
from app.service.queue.commands import ChangePresence
from app.service.retention.commands import StepCase
from app.settings import Settings
from app.web.deps import WebDeps
from app.web.i18n import Translator
from app.web.labels import REFUSALS
from tests.support.brain import PASSWORD, Brain, running_brain
from tests.support.kept import key, present
from tests.support.routes import RouteRequest, every_route, http_routes

TABLE = Path(__file__).parent / "access.txt"
CALL = "0" * 31 + "1"
#: The callers of the table by its columns: a log-in name, and the role of a token. The first agent and the first technician are
#: those whose call and ticket it is; a token of another is made for nobody.
CALLERS = {
    "nobody": ("", ""), "agent": ("1001", "agent"), "other-agent": ("1002", "agent"), "technician": ("", "technician"), "other-technician": ("", "technician"),
    "supervisor": ("super", "supervisor"), "manager": ("manager", "manager"), "administrator": ("admin", "administrator"),
}
#: Values with which a request gets as far as it can; everything else is 1.
USUAL = {
    "call_id": CALL, "event": "go_ready", "kind": "fault", "action": "proceed", "language": "en", "line": "sip:1001@127.0.0.1:9",
    "name": "1001", "password": PASSWORD, "address": "海景花园1栋", "phone": "13800000001", "plan_code": "tv-basic", "fate": "front", "promise": "0", "promise_text": "x",
    "template": "appointment", "entry_id": "pay-channels", "outcome": "done", "disposition": "other", "button": "hold", "mode": "expert", "first": "2026-01-01",
    "last": "2026-12-31", "hours": "4", "promise_due": "2026-05-01T10:00", "tree": "no_signal", "form": "complaint",
}
USUAL_OF = {
    "/tickets/{ticket_id}/events": {"event": "contact", "reason": ""}, "/api/v1/tickets/{ticket_id}/events": {"event": "contact", "reason": ""},
    "/callbacks/{callback_id}/{event}": {"event": "claim"}, "/voicemails/{voicemail_id}/{action}": {"action": "claim"},
    "/desk/case/{case_id}/{action}": {"action": "reason", "value": "price"}, "/desk/call/{call_id}/case": {"kind": "suspend"},
    "/desk/utterance/{utterance_id}/correct": {"wanted": "fault.box"}, "/desk/call/{call_id}/guide/{tree}/{action}": {"action": "yes"},
    "/workshop/intents/{kind_id}": {"kind_id": "fault.box"}, "/workshop/files/export/{version_id}/{name}": {"name": "entries.csv"},
    "/robot/restore/{version_id}": {"version_id": "0"}, "/robot/flow/tasks/{code}": {"code": "fault"}, "/robot/flow/slots/{code}": {"code": "when"},
    "/robot/flow/texts/{code}": {"code": "ask"}, "/robot/voice/restore/{version_id}": {"version_id": "0"},
}
SOCKETS = (
    "/ws/feed?after=1&screen=desk", "/ws/feed?after=1&screen=floor", "/ws/feed?after=1&screen=callbacks",
    "/ws/feed?after=1&screen=voicemails", "/link",
)
OTHERS = frozenset({RefusalCode.NOT_YOURS, RefusalCode.CLAIMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """``session`` is a cookie, ``token`` a bearer token; nobody has neither."""

    session: dict[str, str]
    token: dict[str, str]


def _world(deps: WebDeps, store: Store) -> tuple[str, str]:
    """A call of agent 1001 with a case and a task, a ticket, a message that waits. Answers who has the ticket, and who has not."""
    agents = {row.user.name: UserId(key(row.user)) for row in deps.reads.queue.agents()}
    house = verb("test")
    deps.bus.execute(ChangePresence(user_id=agents["1001"], event="go_ready", actor=house))
    deps.bus.execute(OpenCall(call_id="f" * 32, bridge="b", sip_call_id="s", caller="13900000009", called="hotline", started_at=deps.clock.now()))
    message: tuple[machine.Event, ...] = (machine.Admitted(False, False), machine.PromptPlayed("closed_greeting"), machine.PromptPlayed("beep"))
    for event in message:
        deps.bus.execute(AdvanceCall(call_id="f" * 32, event=event))
    deps.bus.execute(FileVoicemail(call_id="f" * 32, start_frame=20))
    deps.bus.execute(AdvanceCall(call_id="f" * 32, event=machine.CallerHungUp()))
    deps.bus.execute(CloseCall(call_id="f" * 32, frames=500))
    deps.bus.execute(OpenCall(call_id=CALL, bridge="b", sip_call_id="s", caller="13800000001", called="hotline", started_at=deps.clock.now()))
    talk: tuple[machine.Event, ...] = (machine.Admitted(True, True), machine.AgentAnswered(), machine.PromptPlayed("welcome"))
    for event in talk:
        deps.bus.execute(AdvanceCall(call_id=CALL, event=event))
    heard = deps.content.current().engine.understand("我要停机太贵了")
    deps.bus.execute(RecordUtterance(call_id=CALL, side="caller", start_ms=1000, end_ms=2000, words=(Word("我要停机太贵了", 0, 1, 0.9),), understanding=heard, heard_frames=(100, 100)))
    case = present(present(deps.reads.calls.call(CALL)).case)
    deps.bus.execute(StepCase(case_id=CaseId(key(case)), action="offer", value="price-cut-12", actor=house.for_user(agents["1001"])))
    ticket_id = deps.bus.execute(OpenTicket(call_id=CALL, kind="fault", actor=house.for_user(agents["1001"])))
    with store.unit_of_work() as uow:
        uow.add(Task(kind="promise", agent_id=agents["1001"], text="x", phone="13800000001", due_at=deps.clock.now(), created_at=deps.clock.now()))
        present(uow.get(Call, CALL)).recording = "call.wav"
        uow.commit()
    (deps.home / "call.wav").write_bytes(wav.dump(wav.WavAudio(8000, 2, bytes(3200))))
    row, _ = present(deps.reads.field.ticket(ticket_id))
    assert ticket_id == 1 and row.technician is not None
    return row.technician.name, next(name for name in ("tech1", "tech2") if name != row.technician.name)


def _log_in(brain: Brain, name: str) -> dict[str, str]:
    """The headers of a session of its own."""
    if not name:
        return {}
    with brain.log_in(name) as client:
        return brain.socket_headers(client)


def _token(store: Store, column: str, role: str, user_id: int | None) -> dict[str, str]:
    """The headers of a program with a token of a role; nobody has one that was never made."""
    if role:
        with store.unit_of_work() as uow:
            uow.add(ApiToken(token_hash=token_hash(column), name=column, role=role, created_at=store.clock.now(), user_id=user_id))
            uow.commit()
    return {"Authorization": f"Bearer {column}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    brain: Brain
    callers: dict[str, Caller]
    names: dict[str, str]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with running_brain(tmp_path_factory.mktemp("permissions"), hours="00:00-24:00") as brain:
        deps: WebDeps = brain.app.state.deps
        store = open_store(Settings(home=brain.home))
        mine, other = _world(deps, store)
        names = {column: name for column, (name, _) in CALLERS.items()} | {"technician": mine, "other-technician": other}
        callers = {}
        for column, (_, role) in CALLERS.items():
            user = deps.reads.people.user_by_name(names[column]) if names[column] else None
            owner = user.id if user is not None and not column.startswith("other") else None
            callers[column] = Caller(session=_log_in(brain, names[column]), token=_token(store, column, role, owner))
        store.engine.dispose()
        yield House(brain=brain, callers=callers, names=names)


def _table() -> dict[str, dict[str, str]]:
    """What is expected: by method and path, by column."""
    columns, *rows = [line.split() for line in TABLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {f"{row[0]} {row[1]}": dict(zip(columns[2:], row[2:], strict=True)) for row in rows}


def _as_table(found: dict[str, dict[str, str]]) -> str:
    lines = [["method", "path", *CALLERS], *([*where.split(), *by.values()] for where, by in found.items())]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _outcome(answer: httpx.Response) -> str:
    """One word of the table."""
    if answer.status_code == 401 or (answer.status_code == 303 and answer.headers["location"] == "/login"):
        return "login"
    if answer.status_code == 403:
        return "no"
    assert answer.status_code < 500 or answer.url.path == "/readyz", answer.text  # without a bridge it is not ready
    if answer.status_code == 404:
        return "absent"
    return "others" if answer.status_code in (409, 422) and _is_anothers(answer) else "yes"


def _is_anothers(answer: httpx.Response) -> bool:
    if answer.headers["content-type"].startswith("application/problem+json"):
        return json.loads(answer.text)["code"] in OTHERS
    return any(Translator("zh")(REFUSALS[code]) in answer.text for code in OTHERS)


def _asked(house: House, method: str, route: APIRoute) -> dict[str, str]:
    found = {}
    with house.brain.client() as client:
        for column, caller in house.callers.items():
            click = {"key": f"{column} {route.path}"[:100]}
            request = RouteRequest(route, method, USUAL | click | USUAL_OF.get(route.path, {}))
            session = _log_in(house.brain, house.names[column]) if route.path == "/logout" else caller.session
            found[column] = _outcome(request.send(client, headers=session))
            client.cookies.clear()
            if route.path.startswith("/api/"):
                with_token = _outcome(request.send(client, headers=caller.token))
                if with_token != found[column]:
                    found[column] += f",token:{with_token}"
    return found


def _plain(house: House, path: str) -> dict[str, str]:
    with house.brain.client() as client:
        return {column: _outcome(client.get(path, headers=caller.session)) for column, caller in house.callers.items()}


def _socket(house: House, path: str) -> dict[str, str]:
    found = {}
    for column, caller in house.callers.items():
        try:
            with connect(f"ws://{house.brain.address}{path}", additional_headers=caller.session, proxy=None):
                found[column] = "yes"
        except InvalidStatus as refused:
            found[column] = "no" if refused.response.status_code in (401, 403) else str(refused)
    return found


@pytest.fixture(scope="module")
def found(house: House) -> dict[str, dict[str, str]]:
    """Every route, asked by everybody."""
    routes = house.brain.app.routes
    asked = {f"{method} {route.path}": _asked(house, method, route) for method, route in http_routes(routes)}
    for route in every_route(routes):
        if type(route) is Route:
            asked[f"GET {route.path}"] = _plain(house, route.path)
        elif isinstance(route, Mount):
            asked[f"GET {route.path}/"] = _plain(house, f"{route.path}/icon.svg")
        elif not isinstance(route, APIRoute):
            for path in [s for s in SOCKETS if s.partition("?")[0] == route.path] or [route.path]:
                asked[f"WS {path}"] = _socket(house, path)
    return asked


def test_everybody_gets_in_where_the_table_says(found: dict[str, dict[str, str]]) -> None:
    wanted = _table()
    assert len(found) > 90, "the walk has lost its way to the routes"
    wrong = {where: by for where, by in found.items() if wanted.get(where) != by}
    assert not wrong, f"not as in {TABLE.name}:\n{_as_table(wrong)}"
    assert set(wanted) == set(found), "lines without a route"
