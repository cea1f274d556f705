"""The brain at the other end of the link: whole calls of a bridge double, over SQLite and PostgreSQL, and outages of the storage."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.adapters.db.engine import make_engine
from app.adapters.db.queries import SqlQueries
from app.adapters.voice.tts_espeak import EspeakSynthesiser
from app.domain.calls.ids import AGENT, CALLER, CallId
from app.domain.calls.leg import LegState
from app.link import messages as link
from app.link.summary import CallSummary, LegSummary, LinePhase
from app.service.calls.queries import CallView
from tests.support.brain import Brain, running_brain
from tests.support.bridge_double import BridgeDouble
from tests.support.servers import PostgresServer, free_port, wait_for


class House:
    """A brain, its database and the bridge double."""

    def __init__(self, brain: Brain, url: str, bridge: BridgeDouble) -> None:
        self.brain, self.bridge = brain, bridge
        self.engine = make_engine(url)
        self.queries = SqlQueries(self.engine, "Asia/Shanghai")

    def ready(self, name: str) -> None:
        with self.brain.log_in(name) as client:
            client.post("/desk/line", data={"line": f"sip:{name}@127.0.0.1:{free_port()}"})
            assert client.post("/desk/presence", data={"event": "go_ready"}).status_code == 204

    def call(self, call: CallId) -> CallView | None:
        return self.queries.call(call)

    def wait(self, call: CallId, ready: Any, seconds: float = 15) -> CallView:
        wait_for(lambda: (found := self.call(call)) is not None and ready(found), seconds, lambda: f"{self.call(call)}; {self.bridge.orders}")
        found = self.call(call)
        assert found is not None
        return found

    def presence(self, name: str) -> str:
        return next(a.presence.state if a.presence else "" for a in self.queries.agents() if a.user.name == name)


def _secret(brain: Brain) -> str:
    return (brain.home / "secret").read_text().strip()


def _house(folder: Path, url: str) -> Iterator[House]:
    with (
        running_brain(folder, database_url=url, hours="00:00-24:00", ring_seconds=5) as brain,
        BridgeDouble(brain.address, _secret(brain)) as bridge,
    ):
        made = House(brain, url, bridge)
        yield made
        made.engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    tmp_path = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        yield from _house(tmp_path, f"sqlite:///{tmp_path}/h.db")
        return
    server = PostgresServer(tmp_path)
    server.start()
    try:
        yield from _house(tmp_path, server.url)
    finally:
        server.remove()


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[House]:
    """A house whose PostgreSQL the test stops and starts."""
    yield from _house(tmp_path_factory.mktemp("away"), postgres.url)


def test_a_call_is_answered_heard_and_closed(house: House, voice: EspeakSynthesiser) -> None:
    house.ready("1001")
    call = house.bridge.offer("13800000001")
    house.bridge.wait(call, link.Connect)
    kinds = [type(o).__name__ for o in house.bridge.orders]
    assert kinds[:3] == ["Ring", "Answer", "Play"] and "Dial" in kinds
    house.bridge.say(call, voice.speak("我要报停"))
    view = house.wait(call, lambda c: c.utterances)
    assert view.utterances[0].text == "我要报停" and view.case is not None
    house.bridge.say(call, voice.speak("太贵了"))
    house.bridge.end(call)
    house.bridge.wait(call, link.Forget)
    view = house.wait(call, lambda c: c.call.phase == "wrap_up")
    assert [u.text for u in view.utterances] == ["我要报停", "太贵了"]
    assert view.call.frames == house.bridge.frames[call] and view.call.ended_at and house.presence("1001") == "wrap_up"


def test_the_link_is_lost_and_comes_again(house: House, voice: EspeakSynthesiser) -> None:
    """The talk goes on without the brain; what was said meanwhile is heard after it."""
    house.ready("1002")
    call = house.bridge.offer("13800000001")
    house.bridge.wait(call, link.Connect)
    house.bridge.say(call, voice.speak("我要报停"))
    house.wait(call, lambda c: c.utterances)
    house.bridge.close()
    heard = house.bridge.frames[call]
    legs = (LegSummary(id=CALLER, state=LegState.TALKING), LegSummary(id=AGENT, state=LegState.TALKING))
    hears = {CALLER: frozenset({AGENT}), AGENT: frozenset({CALLER})}
    house.bridge.connect(CallSummary(call=call, caller="13800000001", phase=LinePhase.ANSWERED, legs=legs, hears=hears, frames=heard))
    assert house.bridge.resume[call] == heard
    house.bridge.say(call, voice.speak("太贵了"))
    house.bridge.end(call)
    house.bridge.wait(call, link.Forget)
    assert [u.text for u in house.wait(call, lambda c: c.call.phase == "wrap_up").utterances] == ["我要报停", "太贵了"]
    assert len(house.bridge.sent(call, link.Connect)) == 1


def test_a_bridge_without_a_call_that_was_live(house: House) -> None:
    house.ready("1003")
    call = house.bridge.offer("13800000001")
    house.bridge.wait(call, link.Connect)
    house.wait(call, lambda c: c.call.phase == "talking")
    house.bridge.close()
    house.bridge.connect()
    assert house.wait(call, lambda c: c.call.phase == "wrap_up").call.outcome == "bridge_lost"


def test_a_call_ends_while_nothing_can_be_stored(away: House, postgres: PostgresServer, voice: EspeakSynthesiser) -> None:
    """N3: closed within seconds of the storage's return, with what was said meanwhile; the agent is free of it."""
    away.ready("1001")
    call = away.bridge.offer("13800000001")
    away.bridge.wait(call, link.Connect)
    away.wait(call, lambda c: c.call.phase == "talking")
    postgres.stop()
    away.bridge.say(call, voice.speak("我要报停"))
    time.sleep(4)  # it is heard in this time, and cannot be stored
    away.bridge.end(call)
    time.sleep(2)
    assert not away.bridge.sent(call, link.Forget)
    postgres.start()
    began = time.monotonic()
    away.bridge.wait(call, link.Forget, 20)
    view = away.wait(call, lambda c: c.call.phase == "wrap_up", 20)
    assert time.monotonic() - began < 20
    assert [u.text for u in view.utterances] == ["我要报停"] and view.case is not None
    assert view.call.ended_at and away.presence("1001") == "wrap_up"


def test_a_call_comes_while_nothing_can_be_stored(away: House, postgres: PostgresServer, voice: EspeakSynthesiser) -> None:
    """N4: the bridge is asked to take a message, which is stored and heard when it can be; nobody is turned away."""
    postgres.stop()
    call = away.bridge.offer("13800000007")
    away.bridge.wait(call, link.TakeMessage, 15)
    assert not away.bridge.sent(call, link.Reject)
    away.bridge.say(call, voice.speak("我家电视没信号"))
    away.bridge.end(call, voicemail_from=0)
    postgres.start()
    away.bridge.wait(call, link.Forget, 20)
    view = away.wait(call, lambda c: c.call.phase == "ended")
    assert view.call.outcome == "voicemail"
    (message,) = [m for m in away.queries.voicemails() if m.voicemail.call_id == call]
    assert message.voicemail.text == "我家电视没信号" and message.voicemail.intent == "fault.no_signal"


def test_a_bridge_that_comes_while_nothing_can_be_stored_stays_without_a_brain(away: House, postgres: PostgresServer) -> None:
    """It takes messages by itself; it is not told that all is well."""
    postgres.stop()
    other = BridgeDouble(away.brain.address, _secret(away.brain), "other")
    with pytest.raises(Exception, match="1013|try again"):
        other.connect()
    postgres.start()

    def comes() -> bool:
        try:
            other.connect()
        except Exception:
            return False
        return True

    wait_for(comes, 10, "the link")
    other.close()


def test_people_are_told_that_a_button_did_nothing(away: House, postgres: PostgresServer) -> None:
    away.ready("1002")
    call = away.bridge.offer("13800000001")
    away.bridge.wait(call, link.Connect)
    away.wait(call, lambda c: c.call.phase == "talking")
    with away.brain.log_in("1002") as client:
        postgres.stop()
        answer = client.post(f"/desk/call/{call}/hold")
        assert answer.status_code >= 500
        postgres.start()
        wait_for(lambda: client.post(f"/desk/call/{call}/hold").status_code < 300, 10, "the hold")
    away.bridge.wait(call, link.Hold)
    away.bridge.end(call)
    away.bridge.wait(call, link.Forget)
