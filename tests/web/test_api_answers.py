"""What programs rely on: the routes of the API, the fields of its answers, and that OpenAPI describes both."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

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
        agent = next(a.user for a in deps.queries.agents() if a.user.name == "1001")
        self.agent = as_user(agent.id, "1001")

    def begin(self, call_id: str, number: str, *events: machine.Event) -> None:
        self.deps.bus.execute(OpenCall(call_id, "b", "s", number, "hotline", self.deps.clock.now()))
        for event in events:
            self.deps.bus.execute(AdvanceCall(call_id, event))

    def say(self, call_id: str, text: str, side: str = "caller") -> None:
        heard = self.deps.content.current().engine.understand(text) if side == "caller" else None
        words = (Word(text, 0, 1, 0.91234),)
        self.deps.bus.execute(RecordUtterance(call_id, side, 1230, 2345, words, heard, (100, 100)))

    def talk(self) -> None:
        """An offer is made and declined, a ticket is opened."""
        self.deps.bus.execute(ChangePresence(UserId(self.agent.id or 0), "go_ready", actor=self.agent))
        self.begin(TALK, "13800000001", machine.Admitted(True, True), machine.AgentAnswered(), machine.PromptPlayed("welcome"))
        self.say(TALK, "您好请问有什么可以帮您", "agent")
        self.say(TALK, "你好我想把电视停掉太贵了我的电话是13812345678")
        view = self.deps.queries.call(TALK)
        assert view is not None
        case = view.case.id if view.case else self.deps.bus.execute(OpenCase(TALK, "cancel", actor=self.agent))
        for action, value in (("reason", "price"), ("offer", "price-cut-12"), ("decline", "")):
            self.deps.bus.execute(StepCase(CaseId(case or 0), action, value, actor=self.agent))
        self.deps.bus.execute(OpenTicket(TALK, "retention", promise="明天上午", actor=self.agent))

    def message(self) -> None:
        self.begin(MESSAGE, "13800000003", machine.Admitted(False, True))
        self.deps.bus.execute(FileVoicemail(MESSAGE, 20))
        self.say(MESSAGE, "我家电视没信号我住海景花园1栋101")
        self.deps.bus.execute(CloseCall(MESSAGE, 500, 20))

    def robot(self) -> None:
        self.begin(ROBOT, "13800000004", machine.RobotTook())
        self.deps.bus.execute(TalkToRobot(ROBOT, Started()))


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
    found = {name: _shape(answer.json()) for name, answer in answers.items()}
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
