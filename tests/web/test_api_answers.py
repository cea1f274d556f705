"""What programs rely on: the routes of the API, the fields of its answers, and that OpenAPI describes both."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.domain.calls import machine
from app.domain.ids import CaseId, UserId
from app.domain.robot.vocabulary import Started
from app.service.callbacks.commands import FileVoicemail
from app.service.calls.commands import AdvanceCall, CloseCall, OpenCall, RecordUtterance
from app.service.field.commands import OpenTicket
from app.service.ports import Word
from app.service.queue.commands import ChangePresence
from app.service.retention.commands import OpenCase, StepCase
from app.service.robot.commands import TalkToRobot
from app.web.deps import WebDeps
from tests.support.actors import as_user
from tests.support.brain import Brain, running_brain

DATA = Path(__file__).resolve().parent.parent / "data" / "api"
TALK, BARE, MESSAGE, ROBOT = ("0" * 31 + digit for digit in "1234")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00")


class Calls:
    """One call of each kind, given to the bus as the line and an agent's clicks would give them."""

    def __init__(self, deps: WebDeps) -> None:
        self.deps = deps
        agent = next(a.user for a in deps.reads.queue.agents() if a.user.name == "1001")
        self.agent = as_user(agent.id, "1001")

    def begin(self, call_id: str, number: str, *events: machine.Event) -> None:
        self.deps.bus.execute(OpenCall(
            call_id=call_id, bridge="b", sip_call_id="s", caller=number, called="hotline", started_at=self.deps.clock.now()))
        for event in events:
            self.deps.bus.execute(AdvanceCall(call_id=call_id, event=event))

    def say(self, call_id: str, text: str, side: str = "caller") -> None:
        heard = self.deps.content.current().engine.understand(text) if side == "caller" else None
        words = (Word(text, 0, 1, 0.91234),)
        self.deps.bus.execute(RecordUtterance(
            call_id=call_id, side=side, start_ms=1230, end_ms=2345, words=words, understanding=heard, heard_frames=(100, 100)))

    def talk(self) -> None:
        """An offer is made and declined, a ticket is opened."""
        self.deps.bus.execute(ChangePresence(user_id=UserId(self.agent.id or 0), event="go_ready", actor=self.agent))
        self.begin(TALK, "13800000001", machine.Admitted(True, True), machine.AgentAnswered(), machine.PromptPlayed("welcome"))
        self.say(TALK, "您好请问有什么可以帮您", "agent")
        self.say(TALK, "你好我想把电视停掉太贵了我的电话是13812345678")
        view = self.deps.reads.calls.call(TALK)
        assert view is not None
        case = view.case.id if view.case else self.deps.bus.execute(OpenCase(call_id=TALK, kind="cancel", actor=self.agent))
        for action, value in (("reason", "price"), ("offer", "price-cut-12"), ("decline", "")):
            self.deps.bus.execute(StepCase(case_id=CaseId(case or 0), action=action, value=value, actor=self.agent))
        self.deps.bus.execute(OpenTicket(call_id=TALK, kind="retention", promise="明天上午", actor=self.agent))

    def message(self) -> None:
        self.begin(MESSAGE, "13800000003", machine.Admitted(False, True))
        self.deps.bus.execute(FileVoicemail(call_id=MESSAGE, start_frame=20))
        self.say(MESSAGE, "我家电视没信号我住海景花园1栋101")
        self.deps.bus.execute(CloseCall(call_id=MESSAGE, frames=500, voicemail_from_frame=20))

    def robot(self) -> None:
        self.begin(ROBOT, "13800000004", machine.RobotTook())
        self.deps.bus.execute(TalkToRobot(call_id=ROBOT, event=Started()))


@pytest.fixture(scope="module")
def brain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brain]:
    with running_brain(tmp_path_factory.mktemp("api")) as made:
        calls = Calls(made.app.state.deps)
        calls.talk()
        calls.begin(BARE, "02088880000")
        calls.message()
        calls.robot()
        yield made


@pytest.fixture(scope="module")
def answers(brain: Brain) -> dict[str, httpx.Response]:
    """Every route's answer, by method and path as OpenAPI writes it (and what tells two apart)."""
    with brain.log_in("super") as client:
        ticket = client.get("/api/v1/tickets").json()["tickets"][0]["id"]
        agent = client.get("/api/v1/agents").json()["agents"][0]["id"]
        opened = {"call_id": TALK, "user_id": agent, "kind": "fault", "address": "海景花园1栋101", "phone": "13800000001"}
        return {
            "POST /api/v1/understand": client.post("/api/v1/understand", json={"text": "你好我想把电视停掉太贵了我的电话是13812345678"}),
            "GET /api/v1/calls": client.get("/api/v1/calls"),
            "GET /api/v1/calls/{call_id} talk": client.get(f"/api/v1/calls/{TALK}"),
            "GET /api/v1/calls/{call_id} bare": client.get(f"/api/v1/calls/{BARE}"),
            "GET /api/v1/calls/{call_id} message": client.get(f"/api/v1/calls/{MESSAGE}"),
            "GET /api/v1/calls/{call_id} robot": client.get(f"/api/v1/calls/{ROBOT}"),
            "GET /api/v1/tickets": client.get("/api/v1/tickets"),
            "GET /api/v1/tickets/{ticket_id}": client.get(f"/api/v1/tickets/{ticket}"),
            "POST /api/v1/tickets": client.post("/api/v1/tickets", json=opened),
            "POST /api/v1/tickets/{ticket_id}/events": client.post(f"/api/v1/tickets/{ticket}/events", json={"event": "contact", "note": "在家"}),
            "GET /api/v1/voicemails": client.get("/api/v1/voicemails"),
            "GET /api/v1/callbacks": client.get("/api/v1/callbacks"),
            "GET /api/v1/agents": client.get("/api/v1/agents"),
            "POST /api/v1/agents/{agent_id}/state": client.post(f"/api/v1/agents/{agent + 1}/state", json={"event": "go_ready"}),
        }


def _shape(value: object) -> object:
    """Names and types, in their order; a list shows what is different in it."""
    if isinstance(value, dict):
        return {name: _shape(each) for name, each in value.items()}
    if isinstance(value, list):
        kinds = {json.dumps(_shape(each)): _shape(each) for each in value}
        return [kinds[kind] for kind in sorted(kinds)]
    if isinstance(value, str):
        return "time" if _TIME.fullmatch(value) else "text"
    return "null" if value is None else type(value).__name__


def test_answers_have_the_fields_that_programs_read(answers: dict[str, httpx.Response]) -> None:
    assert {a.status_code for a in answers.values()} == {200, 201}
    found: dict[str, Any] = {name: _shape(answer.json()) for name, answer in answers.items()}
    found["POST /api/v1/understand"]["slots"] = {}  # named after what was said
    known = json.loads((DATA / "answers.json").read_text(encoding="utf-8"))
    # as text: the order of fields counts too
    assert json.dumps(found, indent=1) == json.dumps(known, indent=1)


def test_routes_and_parameters_are_those_that_programs_call(brain: Brain) -> None:
    with brain.client() as client:
        paths = client.get("/api/v1/openapi.json").json()["paths"]
    found = {
        f"{method.upper()} {path}": sorted(f"{p['in']} {p['name']}" for p in about.get("parameters", ()))
        for path, methods in paths.items() for method, about in methods.items()
    }
    assert found == json.loads((DATA / "routes.json").read_text(encoding="utf-8"))


def _faults(value: object, schema: dict[str, Any], known: dict[str, Any], at: str = "$") -> list[str]:
    """Where a value is not as its schema says; a field that the schema does not name is a fault too."""
    if "$ref" in schema:
        return _faults(value, known[schema["$ref"].rpartition("/")[2]], known, at)
    if "anyOf" in schema:
        tried = [_faults(value, each, known, at) for each in schema["anyOf"]]
        return min(tried, key=len)
    kinds: dict[str, type | tuple[type, ...]] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}
    if "const" in schema and value != schema["const"]:
        return [f"{at}: {value!r}"]
    if not isinstance(value, kinds[schema["type"]]):
        return [f"{at}: {value!r} is no {schema['type']}"]
    if schema.get("format") == "date-time" and not _TIME.fullmatch(str(value)):
        return [f"{at}: {value!r}"]
    if isinstance(value, list):
        return [fault for n, each in enumerate(value) for fault in _faults(each, schema["items"], known, f"{at}[{n}]")]
    if isinstance(value, dict) and "properties" in schema:
        faults = [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
        for name, each in value.items():
            if name not in schema["properties"]:
                faults.append(f"{at}.{name} is not described")
            else:
                faults += _faults(each, schema["properties"][name], known, f"{at}.{name}")
        return faults
    return []


def test_openapi_describes_every_answer(brain: Brain, answers: dict[str, httpx.Response]) -> None:
    with brain.client() as client:
        api = client.get("/api/v1/openapi.json").json()
    described = set()
    for name, answer in answers.items():
        method, path = name.split()[:2]
        about = api["paths"][path][method.lower()]["responses"][str(answer.status_code)]
        schema = about["content"]["application/json"]["schema"]
        assert not _faults(answer.json(), schema, api["components"]["schemas"]), name
        described.add(f"{method} {path}")
    routes = set(json.loads((DATA / "routes.json").read_text(encoding="utf-8")))
    assert routes - described == {"GET /api/v1/calls/{call_id}/recording"}, "it is no JSON"


def test_openapi_describes_the_problems(brain: Brain) -> None:
    def answered(response: httpx.Response, path: str) -> None:
        about = api["paths"][path][response.request.method.lower()]["responses"][str(response.status_code)]
        assert response.headers["content-type"] == "application/problem+json"
        schema = about["content"]["application/problem+json"]["schema"]
        assert not _faults(response.json(), schema, api["components"]["schemas"]), path

    with brain.client() as nobody:
        api = nobody.get("/api/v1/openapi.json").json()
        for path, methods in api["paths"].items():
            for method in methods:
                answered(nobody.request(method, path.replace("{", "").replace("}", "")), path)
    with brain.log_in("tech1") as technician:
        answered(technician.get("/api/v1/calls"), "/api/v1/calls")
    with brain.log_in("super") as floor:
        answered(floor.get("/api/v1/calls/none"), "/api/v1/calls/{call_id}")
        answered(floor.get("/api/v1/calls/none/recording"), "/api/v1/calls/{call_id}/recording")
        answered(floor.get("/api/v1/tickets?limit=0"), "/api/v1/tickets")
        answered(floor.get("/api/v1/tickets/99999"), "/api/v1/tickets/{ticket_id}")
        ticket = floor.get("/api/v1/tickets").json()["tickets"][0]["id"]
        event = {"event": "open"}
        answered(floor.post(f"/api/v1/tickets/{ticket}/events", json=event), "/api/v1/tickets/{ticket_id}/events")
