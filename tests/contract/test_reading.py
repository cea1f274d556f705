"""Reading waits for nobody who writes, and takes no lock of theirs."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from app.adapters.db.demo_data import PASSWORD
from app.bootstrap.web import build_web
from app.domain.calls import machine
from app.domain.queue.presence import Presence
from app.service.calls.records import Call
from app.service.households.commands import SendMessage
from app.service.households.records import Plan
from app.service.people.records import AuditEntry
from app.service.ports import Content
from app.service.queue.records import AgentPresence
from app.service.retention import cases
from app.settings import Settings
from tests.contract.conftest import Shop
from tests.support.actors import as_user

#: Far below the 15 s that a connection waits for the lock.
AT_ONCE_S = 2.0
PAGES = {
    "1001": ["/desk", "/day", "/voicemails", "/callbacks", "/tickets"],
    "super": ["/calls", "/calls?text=x", "/voicemails", "/callbacks", "/tickets", "/robot", "/workshop", "/workshop/entries",
              "/workshop/entries/pay-channels", "/workshop/intents", "/workshop/queue", "/workshop/tests", "/workshop/files"],
    "tech1": ["/tickets"],
}


@pytest.fixture
def locks() -> Iterator[list[str]]:
    """Every write lock that is taken on SQLite."""
    taken: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN IMMEDIATE"):
            taken.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield taken
    event.remove(Engine, "before_cursor_execute", note)


def _everything_read(shop: Shop, call_id: str) -> None:
    me = shop.agents["1001"]
    with shop.reads() as reads:
        assert reads.get(Call, call_id) is not None and reads.find(Call)
        assert cases.case_of(reads, call_id) is not None
        assert [c.id for c in reads.calls_in(["talking"])] == [call_id]
        assert len(reads.customers_by_phone(shop.bus.context.phone("13800000001"))) == 1
        assert [a.user_id for a in reads.ready_agents()] == [shop.agents["1002"]]
        assert len(reads.staffed_agents()) == 2 and reads.offers_made(1) == []
        assert reads.grid_of_address("海景花园1栋") == 1 and reads.is_message_due(shop.clock.now())
    assert shop.queries.call(call_id) is not None and shop.queries.current_call(me) == call_id
    assert shop.workshop.published() is None


def _busy_floor(shop: Shop, content: Content) -> str:
    call_id = shop.talk("13800000001")
    shop.ready("1002")
    shop.say(call_id, content, "我要报停")
    template = next(iter(content.scripts["sms"]))
    shop.bus.execute(SendMessage(call_id=call_id, template=template, actor=as_user(shop.agents["1001"])))
    return call_id


def test_reading_goes_on_while_somebody_writes(shop: Shop, content: Content) -> None:
    call_id = _busy_floor(shop, content)
    with shop.unit_of_work() as uow:
        uow.get(Call, call_id, lock=True).note = "not there yet"  # type: ignore[union-attr]
        uow.flush()
        began = time.monotonic()
        reader = threading.Thread(target=_everything_read, args=(shop, call_id))
        reader.start()
        reader.join(AT_ONCE_S)
        assert not reader.is_alive() and time.monotonic() - began < AT_ONCE_S
        with shop.reads() as reads:
            row = reads.get(Call, call_id)
        assert row is not None and row.note == "", "what is not committed is not seen"
        uow.commit()


def test_what_was_read_stays_readable(shop: Shop) -> None:
    call_id, _ = shop.call("13800000001", machine.Admitted(False, False))
    with shop.reads() as reads:
        row = reads.get(Call, call_id)
    assert row is not None and row.caller == "13800000001"


def test_no_lock_is_taken_by_reading(shop: Shop, content: Content, locks: list[str]) -> None:
    if shop.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no lock that all writers share")
    call_id = _busy_floor(shop, content)
    assert locks, "writing takes it"
    locks.clear()
    _everything_read(shop, call_id)
    assert locks == []


def test_reading_cannot_write(shop: Shop) -> None:
    """A record that is changed while reading is not stored; PostgreSQL refuses to write at all."""
    with shop.reads() as reads:
        plan = reads.get(Plan, "elder")
        assert plan is not None
        plan.name = "changed"
        assert [p.name for p in reads.find(Plan, code="elder")] == ["changed"], "not flushed, not undone"
        if shop.engine.dialect.name == "postgresql":
            with pytest.raises(DBAPIError, match="read-only"):
                reads.session.flush()
    with shop.reads() as reads:
        assert reads.get(Plan, "elder").name == "长者套餐"  # type: ignore[union-attr]


def test_writing_after_reading_on_the_same_connection(shop: Shop) -> None:
    """A connection that read goes back to the pool able to write."""
    for number in range(3):
        with shop.reads() as reads:
            assert reads.find(Plan)
        with shop.unit_of_work() as uow:
            uow.add(AuditEntry(at=shop.clock.now(), who="x", action="y", subject=str(number)))
            uow.commit()
    with shop.reads() as reads:
        assert len(reads.find(AuditEntry, who="x")) == 3


def test_an_agent_who_is_being_chosen_is_read_as_ready(shop: Shop) -> None:
    """Choosing locks and leaves out; reading does neither."""
    shop.ready("1003")
    with shop.unit_of_work() as choosing:
        assert len(choosing.ready_agents()) == 1
        with shop.reads() as reads:
            assert [row.state for row in reads.ready_agents()] == [Presence.READY]
            assert reads.get(AgentPresence, shop.agents["1003"]) is not None


async def test_pages_take_no_write_lock_and_wait_for_none(tmp_path: Path, locks: list[str]) -> None:
    """All pages of all roles, while another program holds the lock of the database."""
    settings = Settings(home=tmp_path, demo=True, robot=False)
    app = build_web(settings)
    transport = httpx.ASGITransport(app=app)
    cookies = {}
    for name in PAGES:
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.post("/login", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            cookies[name] = dict(client.cookies)
    locks.clear()
    writer = sqlite3.connect(settings.database.removeprefix("sqlite:///"), isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    slowest, seen = 0.0, 0
    for name, pages in PAGES.items():
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=cookies[name]) as client:
            for page in pages:
                began = time.monotonic()
                answer = await client.get(page, timeout=30)
                slowest, seen = max(slowest, time.monotonic() - began), seen + 1
                assert answer.status_code == 200, (page, answer.status_code)
    writer.execute("ROLLBACK")
    writer.close()
    assert locks == [] and seen == 19 and slowest < 10
