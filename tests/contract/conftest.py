"""A shop over SQLite and one over PostgreSQL: database, bus and queries, with the demo in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.adapters.clock_system import SystemClock
from app.adapters.db.demo_data import Demo
from app.adapters.db.engine import make_engine
from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.db.migrate import migrate
from app.adapters.db.queries import SqlQueries
from app.adapters.db.read_session import SqlReadSession
from app.adapters.db.unit_of_work import SqlUnitOfWork
from app.domain.calls import machine
from app.domain.ids import UserId, UtteranceId
from app.domain.queue.hours import OpeningHours
from app.service.bus import CommandBus
from app.service.calls.commands import AdvanceCall, OpenCall, RecordUtterance
from app.service.context import Context
from app.service.notices import Notice
from app.service.ports import Content, Feed, Word
from app.service.queue.commands import ChangePresence
from tests.support.actors import as_user
from tests.support.content import FixedContent
from tests.support.kept import key
from tests.support.servers import empty_postgres

ZONE = "Asia/Shanghai"


class Shop:
    """database, bus and queries over one engine; remembers the notices."""

    def __init__(self, engine: Engine, content: Content, *, demo: bool = True) -> None:
        self.engine = engine
        self.notices: list[Notice] = []
        self._feed: Feed | None = None
        self.clock = SystemClock(ZONE)
        self.queries = SqlQueries(engine, ZONE)
        self.workshop = SqlKnowledgeQueries(engine)
        context = Context(self.clock, FixedContent(content), OpeningHours.daily("00:00-24:00"))
        self.bus = CommandBus(self.unit_of_work, context)
        if demo:
            with self.unit_of_work() as uow:
                Demo(uow, self.clock, "x").load()
                uow.commit()
        self.agents = {a.user.name: UserId(key(a.user)) for a in self.queries.agents()}

    def reads(self) -> SqlReadSession:
        return SqlReadSession(self.engine)

    def unit_of_work(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.engine, self.tell)

    def tell(self, *notices: Notice) -> None:
        self.notices.extend(notices)
        if self._feed is not None:
            self._feed.publish(*notices)

    def follow(self, feed: Feed | None) -> None:
        """Tell the notices to a feed too."""
        self._feed = feed

    def call(self, number: str, *events: machine.Event) -> tuple[str, list[object]]:
        call_id = f"{abs(hash((number, len(self.notices), id(self)))):032x}"[:32]
        self.bus.execute(OpenCall(call_id=call_id, bridge="b", sip_call_id="s", caller=number, called="hotline", started_at=self.clock.now()))
        effects: list[object] = []
        for event in events:
            told = self.bus.execute(AdvanceCall(call_id=call_id, event=event))
            effects += told
        return call_id, effects

    def ready(self, *names: str) -> None:
        for name in names:
            self.bus.execute(ChangePresence(user_id=self.agents[name], event="go_ready", actor=as_user(self.agents[name])))

    def talk(self, number: str, agent: str = "1001") -> str:
        self.ready(agent)
        call_id, _ = self.call(number, machine.Admitted(True, True), machine.AgentAnswered(),
                               machine.PromptPlayed("welcome"))
        return call_id

    def say(self, call_id: str, content: Content, sentence: str, side: str = "caller") -> UtteranceId:
        heard = content.engine.understand(sentence) if side == "caller" else None
        return UtteranceId(self.bus.execute(RecordUtterance(
            call_id=call_id, side=side, start_ms=1000, end_ms=2000, words=(Word(sentence, 0, 1, 0.9),), understanding=heard, heard_frames=(100, 100))))


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, content: Content) -> Iterator[Shop]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/h.db"
    else:
        url = request.getfixturevalue("postgres_url")
    engine = make_engine(url)
    migrate(engine)
    yield Shop(engine, content)
    if request.param == "postgresql":
        empty_postgres(engine)
    engine.dispose()
