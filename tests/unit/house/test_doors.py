"""Subjects meet through their doors: what ``lint-imports`` holds names every subject, and finds what is forbidden."""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = {each["name"]: each for each in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]}
SERVICE, HANDLERS = "Subjects of the service floor meet through their doors", "The bus alone knows handlers"
DOMAIN, WEB = "Subjects of the domain: who may use whom", "Subjects of the web floor do not import each other"
ROOMS, DATABASE = "Rooms of the adapters do not import each other", "Subjects of the database meet in their tables"


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("app")


def _is_kept(name: str, graph: grimp.ImportGraph) -> bool:
    options: dict[str, Any] = {k: v for k, v in CONTRACTS[name].items() if k not in ("name", "type")}
    # the check takes the declared imports out of the graph that it is given
    return ProtectedContract(name, {"root_packages": ["app"]}, options).check(deepcopy(graph), False).kept


@pytest.mark.parametrize(("name", "floor", "others"), [
    (SERVICE, "app.service", set()), (DOMAIN, "app.domain", set()), (ROOMS, "app.adapters", set()),
    (WEB, "app.web", {"app.web.labels"}), (DATABASE, "app.adapters.db", {"app.adapters.db.migrations"}),
])
def test_no_room_is_forgotten(graph: grimp.ImportGraph, name: str, floor: str, others: set[str]) -> None:
    rooms = {room for room in graph.find_children(floor) if graph.find_descendants(room)}
    assert rooms - others == set(CONTRACTS[name]["protected_modules"])


@pytest.mark.parametrize(("name", "importer", "imported"), [
    (SERVICE, "app.service.robot.house", "app.service.calls.handlers"),
    (SERVICE, "app.service.people.handlers", "app.service.calls.attention"),
    (SERVICE, "app.service.queue.views", "app.service.households.outbox"),
    (HANDLERS, "app.web.calls.desk", "app.service.retention.handlers"),
    (DOMAIN, "app.domain.calls.machine", "app.domain.retention.case"),
    (WEB, "app.web.field.pages", "app.web.calls.pages"),
    (ROOMS, "app.adapters.feed.feed_redis", "app.adapters.db.engine"),
    (DATABASE, "app.adapters.db.queue.queries", "app.adapters.db.calls.queries"),
])
def test_who_goes_around_a_door_is_found(graph: grimp.ImportGraph, name: str, importer: str, imported: str) -> None:
    assert _is_kept(name, graph)
    graph = deepcopy(graph)
    graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="")
    assert not _is_kept(name, graph)
