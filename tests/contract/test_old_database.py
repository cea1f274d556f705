"""A database of an earlier release migrates, every query answers, every stored state is read."""

import json
import lzma
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, MetaData, create_engine, insert, select, text

from app.adapters.db import word_index
from app.adapters.db.engine import make_engine
from app.adapters.db.knowledge.queries import SqlKnowledgeQueries
from app.adapters.db.migrate import migrate
from app.adapters.db.queries import SqlQueries
from app.domain.calls import machine
from app.domain.calls.machine import Direction, Phase
from app.domain.calls.parties import Role, Standing
from app.domain.field.guide import GuideState
from app.domain.retention.case import OPEN, CasePhase
from app.domain.robot.vocabulary import Place
from app.service.callbacks.records import Callback
from app.service.calls.cards import build_card
from app.service.calls.commands import AdvanceCall
from app.service.calls.queries import CallFilter
from app.service.calls.records import Call, Utterance
from app.service.calls.summary import draft as draft_summary
from app.service.field.queries import TicketFilter
from app.service.field.records import FaultGuide
from app.service.ports import Content
from app.service.retention.records import RetentionCase
from app.service.robot.records import RobotTalk
from tests.contract.conftest import Shop
from tests.support.kept import key
from tests.support.servers import empty_postgres

OLD = Path(__file__).parent.parent / "data" / "database_8b32744.sqlite.xz"
REVISION = "0005"


def _unpacked(folder: Path) -> Path:
    path = folder / "old.db"
    path.write_bytes(lzma.decompress(OLD.read_bytes()))
    return path


def _copied(source: Path, engine: Engine) -> None:
    """The rows of the old database into another one of the same revision."""
    old = create_engine(f"sqlite:///{source}")
    metadata = MetaData()
    metadata.reflect(engine)
    with old.connect() as reading, engine.begin() as writing:
        for table in metadata.sorted_tables:
            if table.name in ("alembic_version", "utterance_words"):
                continue
            rows = [dict(row._mapping) for row in reading.execute(select(table))]
            if rows:
                writing.execute(insert(table), rows)
            if "id" in table.c and table.c.id.autoincrement is True and rows:
                writing.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {len(rows) + 1000})"))
        word_index.drop(writing)
        word_index.create(writing)
    old.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path, content: Content) -> Iterator[Shop]:
    source = _unpacked(tmp_path)
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{source}")
    else:
        engine = make_engine(request.getfixturevalue("postgres_url"))
        migrate(engine, REVISION)
        _copied(source, engine)
    migrate(engine)
    yield Shop(engine, content, demo=False)
    if request.param == "postgresql":
        empty_postgres(engine)
    engine.dispose()


def test_every_query_answers(old: Shop) -> None:
    """By the name of each question, what is asked; a query that is not here fails the test."""
    q, w, since = old.queries, old.workshop, old.clock.now() - timedelta(days=4000)
    with old.unit_of_work() as uow:
        calls = [call.id for call in uow.find(Call)]
        said = [u.id or 0 for u in uow.find(Utterance)]
    (number,) = {key(v) for v in w.versions() if v.phase == "tested"}
    me = old.agents["1001"]
    views = [view for view in map(q.call, calls) if view is not None]
    kinds = frozenset({"Call", "Utterance", "RetentionCase", "FieldTicket", "Customer", "CallEvent"})
    asked: dict[str, list[Any]] = {
        "agent": [q.agent(me)], "tasks_open": [q.tasks_open(me)], "voicemails_open": [q.voicemails_open()],
        "call_again": [q.call_again(view, kinds, ()) for view in views],
        "agents": [q.agents()], "callbacks": [q.callbacks()], "closed_callbacks": [q.closed_callbacks()],
        "callbacks_waiting": [q.callbacks_waiting(old.clock.now())], "call": [q.call(c) for c in calls],
        "calls": [q.calls(CallFilter(limit=100)), q.calls(CallFilter(text="太贵")), q.calls(CallFilter(intent="disconnect", agent_id=me))],
        "card_figures": [q.card_figures(since)], "current_call": [q.current_call(old.agents["1004"])],
        "customer": [q.customer(1)], "find_customers": [q.find_customers("SH600007")], "day": [q.day(me, since)],
        "dialog_versions": [q.dialog_versions()], "voice_versions": [q.voice_versions() or "none"], "grids": [q.grids()], "outages": [q.outages() or "over"], "plans": [q.plans()],
        "robot_figures": [q.robot_figures(since)], "session_user": [q.session_user("h", old.clock.now()) or "over"],
        "stock": [q.stock()], "tasks": [q.tasks(me)], "ticket": [q.ticket(1)], "tickets": [q.tickets(TicketFilter())],
        "token": [q.token("t")], "user": [q.user(me)], "user_by_name": [q.user_by_name("1001")],
        "utterance": [q.utterance(said[0])], "voicemail": [q.voicemail(1)], "voicemails": [q.voicemails()], "waiting": [q.waiting()],
        "versions": [w.versions()], "version": [w.version(number)], "published": [w.published()], "draft": [w.draft()],
        "files": [w.files(number)], "has_embedding": [w.has_embedding(number) is False], "edits": [w.edits(number)], "jobs": [w.jobs(number)],
        "counts": [w.counts(since)], "hits": [w.hits("pay-channels")], "corrections": [w.corrections("pay-channels")],
        "queue": [w.queue(state="open")], "item": [w.item(1)], "open_items": [w.open_items()], "differences": [w.differences(number)],
        "corrected_words": [q.corrected_words(since, 10) or "none"], "learning_runs": [w.learning_runs() or "none"],
        "learnable": [w.learnable(since, 10) or "none"], "corrected": [w.corrected(10) or "none"],
    }
    questions = {name for side in (SqlQueries, SqlKnowledgeQueries) for name in dir(side) if not name.startswith("_")}
    assert questions == set(asked)
    assert all(all(answers) for answers in asked.values()), [name for name, answers in asked.items() if not all(answers)]


def test_calls_are_read_with_their_parties(old: Shop) -> None:
    with old.unit_of_work() as uow:
        calls = uow.find(Call)
        before = {call.id: json.loads(call.state_json) for call in calls}
    assert {call.phase for call in calls} == set(Phase) - {Phase.VOICEMAIL_DONE}
    for call in calls:
        state, was = call.state, before[call.id]
        assert (state.phase, state.agent_id, list(state.tried), state.outcome) == (was["phase"], was["agent_id"], was["tried"], was["outcome"])
        assert (state.wanted, state.urgent, state.overdue, state.notice_played) == (was["wanted"], was["urgent"], was["overdue"], was["notice_played"])
        assert call.direction == state.direction == ("outbound" if was["wanted"] else "inbound")
        assert state.parties[0].role is (Role.OUTSIDE if was["wanted"] else Role.CALLER)
    assert [c.state.direction for c in calls].count(Direction.OUTBOUND) == 1
    (redirected,) = (c.state for c in calls if c.state.tried)
    assert redirected.agent_waits and [p.standing for p in redirected.parties] == [Standing.TALKING, Standing.MISSED, Standing.ANSWERED]


def test_calls_go_on_where_they_stood(old: Shop) -> None:
    with old.unit_of_work() as uow:
        by_phase = {call.phase: call.id for call in uow.find(Call)}
        waits = next(c.id for c in uow.find(Call, phase="ringing_agent") if c.state.agent_waits)
    effects = old.bus.execute(AdvanceCall(call_id=waits, event=machine.PromptPlayed("welcome")))
    assert machine.Connect() in effects and old.queries.call(waits).call.phase == "talking"  # type: ignore[union-attr]
    old.bus.execute(AdvanceCall(call_id=by_phase["held"], event=machine.ResumeRequested()))
    old.bus.execute(AdvanceCall(call_id=by_phase["talking"], event=machine.CallerHungUp()))
    old.bus.execute(AdvanceCall(call_id=by_phase["robot"], event=machine.CallerHungUp()))
    again = old.queries.call(by_phase["talking"])
    assert again is not None and again.call.phase == "wrap_up" and '"parties"' in again.call.state_json


def test_what_was_understood_is_read_as_itself(old: Shop, content: Content) -> None:
    with old.unit_of_work() as uow:
        heard = [u for u in uow.find(Utterance) if u.understanding_json]
        before = [json.loads(u.understanding_json) for u in heard]
    assert len(heard) == 22
    for utterance, was in zip(heard, before, strict=True):
        understood = utterance.understanding
        assert understood is not None
        assert understood.as_json() == {k: v for k, v in was.items() if k != "corrected"}
        assert understood.corrected == was.get("corrected", False)
    assert sum(u.understanding.corrected for u in heard if u.understanding) == 1
    today = old.clock.local().date()
    with old.unit_of_work() as uow:
        ids = [c.id for c in uow.find(Call)]
    kinds = set()
    for call_id in ids:
        view = old.queries.call(call_id)
        assert view is not None
        kinds.add(build_card(view, content, today).kind)
        draft_summary(view, content, old.clock.local(), lambda _, code: code)
    assert {"retention", "answer", "idle"} <= kinds


def test_the_other_states_are_read(old: Shop) -> None:
    with old.unit_of_work() as uow:
        cases, talks = uow.find(RetentionCase), uow.find(RobotTalk)
        guides, callbacks = uow.find(FaultGuide), uow.find(Callback)
    for case in cases:
        assert (case.state.phase, case.state.kind, case.state.reason) == (case.phase, case.kind, case.reason)
        assert case.evidence and all(e.rule for e in case.evidence)
    assert [t.outcome for t in cases[0].state.trials] == ["declined", "declined"]
    assert {talk.state.place for talk in talks} == {Place.GUIDE, Place.OFFER, Place.GONE}
    assert all(talk.state.place == talk.place for talk in talks)
    assert {type(talk.state.guide) for talk in talks} == {GuideState, type(None)}
    assert [guide.state.trail[0] for guide in guides] == [("power", "yes"), ("red", "yes")]
    drafts = [c.draft for c in callbacks if c.draft is not None]
    assert {d.kind for d in drafts} >= {"service", "fault", "retention"} and any(d.number for d in drafts)


def test_a_case_that_was_reopened_is_not_closed_any_more(old: Shop) -> None:
    with old.unit_of_work() as uow:
        cases = uow.find(RetentionCase)
    assert {case.phase: case.closed_at is None for case in cases} == {
        "kept_at_door": False, "kept": False, "second_stage": True, "reason_known": True}
    assert all((case.closed_at is None) == (CasePhase(case.phase) in OPEN) for case in cases)


def test_numbers_go_on_after_the_greatest(old: Shop) -> None:
    with old.unit_of_work() as uow:
        tickets = sorted(row.ticket.number for row in old.queries.tickets(TicketFilter()))
        day = tickets[-1][:8]
        assert (tickets[-1], uow.next_number(day)) == (f"{day}0006", 7)
        account = next(c.account_no for c in old.queries.find_customers("新客户"))
        assert uow.next_number(account[:-4]) == 2
    migrate(old.engine)  # again: nothing to do
