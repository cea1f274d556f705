"""SQLite and PostgreSQL keep the same promises: handlers, queries, locks, migrations."""

import gc
import threading
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.adapters.db import tables
from app.adapters.db.demo_data import CUSTOMERS
from app.adapters.db.housekeeping import purge
from app.adapters.db.migrate import migrate
from app.domain.calls import machine
from app.domain.ids import CaseId, CustomerId, VoicemailId
from app.domain.refusal import Invalid, NotFound, Refused
from app.language.understanding.understood import Understanding
from app.service.callbacks.commands import FileVoicemail, SettleVoicemail
from app.service.calls.cards import build_card
from app.service.calls.commands import (
    AdvanceCall,
    AssignWaiting,
    CloseCall,
    FinishWrapUp,
    LinkCustomer,
    OpenCall,
    RingLine,
)
from app.service.calls.queries import CallFilter
from app.service.command import Command
from app.service.field.commands import OpenTicket, StepTicket
from app.service.field.queries import TicketFilter
from app.service.field.records import Grid
from app.service.households.records import Customer, Plan
from app.service.notices import Notice, NoticeKind
from app.service.people.records import AuditEntry, IdempotencyKey, WebSession
from app.service.ports import Content
from app.service.retention.commands import OpenCase, StepCase
from app.service.retention.records import RetentionCase
from app.settings import ROOT
from tests.contract.conftest import Shop
from tests.support.actors import as_user, named
from tests.support.kept import key, present


def test_the_demo_is_as_promised(shop: Shop) -> None:
    with shop.unit_of_work() as uow:
        assert len(uow.find(Customer)) == CUSTOMERS == 300
        assert len(uow.find(Grid)) == 6 and len(uow.find(Plan)) == 12
    assert len(shop.agents) == 6
    migrate(shop.engine)  # again: nothing to do


def test_leaving_without_commit_stores_and_tells_nothing(shop: Shop) -> None:
    with shop.unit_of_work() as uow:
        uow.add(Plan(code="x", name="X", monthly_fen=1, download_mbps=1, contract_months=1, penalty_percent=1))
        uow.notify(Notice(NoticeKind.CALL))
    with shop.unit_of_work() as uow:
        assert uow.get(Plan, "x") is None
    assert shop.notices == []


def test_from_the_first_ring_to_the_ticket(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13800000001")
    assert shop.queries.current_call(shop.agents["1001"]) == call_id
    shop.say(call_id, content, "您好请问有什么可以帮您", "agent")
    shop.say(call_id, content, "你好我想把电视停掉太贵了")
    view = shop.queries.call(call_id)
    assert view is not None and view.case is not None and view.customer is not None
    assert (view.call.intent, view.case.kind, view.case.reason) == ("disconnect.cancel", "cancel", "price")
    card = build_card(view, content, shop.clock.local().date())
    assert card.kind == "retention" and card.offers[0].code == "price-cut-12"
    assert "61.6" in card.offers[0].script and "太贵" in card.evidence
    me, case_id = shop.agents["1001"], CaseId(key(view.case))

    def step(action: str, value: str = "") -> None:
        shop.bus.execute(StepCase(case_id=case_id, action=action, value=value, actor=as_user(me)))

    step("offer", "price-cut-12")
    step("decline")
    with pytest.raises(Refused, match="made before"):
        step("offer", "price-cut-12")
    step("offer", "bundle-100")
    step("decline")
    with pytest.raises(Refused):
        step("offer", "elder-plan")
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    ticket_id = shop.bus.execute(OpenTicket(call_id=call_id, promise="周三上门", actor=as_user(me)))
    effects = shop.bus.execute(FinishWrapUp(call_id=call_id, disposition="second_stage", note=" 已约 ", actor=as_user(me)))
    assert machine.FreeAgent(me, "wrapped_up") in effects
    (row, steps) = shop.queries.ticket(ticket_id)  # type: ignore[misc]
    assert row.ticket.state == "assigned" and row.technician is not None
    assert row.ticket.reason == "price" and row.customer is not None
    assert row.ticket.offers == "price-cut-12:declined,bundle-100:declined"
    assert [s.event for s in steps] == ["open"]
    shop.bus.execute(StepTicket(ticket_id=ticket_id, event="contact", actor=named("王海")))
    shop.bus.execute(StepTicket(ticket_id=ticket_id, event="keep", actor=named("王海")))
    again = shop.queries.call(call_id)
    assert again is not None and again.case is not None
    assert (again.case.phase, again.call.note) == ("kept_at_door", "已约")
    assert shop.queries.current_call(me) is None


def test_two_callers_at_once_for_one_agent(shop: Shop) -> None:
    shop.ready("1002")
    results: list[list[object]] = []

    def ring(number: str) -> None:
        results.append(shop.call(number, machine.Admitted(True, True))[1])

    threads = [threading.Thread(target=ring, args=(n,)) for n in ("13800000011", "13800000012")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rung = [e for effects in results for e in effects if isinstance(e, RingLine)]
    assert len(rung) == 1 and rung[0].agent_id == shop.agents["1002"]
    with shop.unit_of_work() as uow:
        assert len(uow.calls_in(["queued"])) == 1 and len(uow.calls_in(["ringing_agent"])) == 1


def test_the_longest_idle_agent_is_rung_and_a_silent_one_is_put_on_break(shop: Shop) -> None:
    shop.ready("1003", "1001")
    call_id, effects = shop.call("13800000021", machine.Admitted(True, True))
    assert [e.agent_id for e in effects if isinstance(e, RingLine)] == [shop.agents["1003"]]
    rung = shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.AgentFailed(408)))
    assert [e.agent_id for e in rung if isinstance(e, RingLine)] == [shop.agents["1001"]]
    states = {a.user.name: a.presence.state for a in shop.queries.agents() if a.presence}
    assert (states["1003"], states["1001"]) == ("break", "ringing")
    assert machine.Play("busy_greeting") in shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.AgentFailed(486)))


def test_a_queued_call_gets_the_agent_who_becomes_ready(shop: Shop) -> None:
    first = shop.talk("13800000031", "1001")
    second, effects = shop.call("13800000032", machine.Admitted(True, True))
    assert not [e for e in effects if isinstance(e, RingLine)]
    assert shop.bus.execute(AssignWaiting(call_id=second)) == []
    shop.bus.execute(AdvanceCall(call_id=first, event=machine.HangUpRequested()))
    shop.bus.execute(FinishWrapUp(call_id=first, disposition="other", actor=as_user(shop.agents["1001"])))
    rung = shop.bus.execute(AssignWaiting(call_id=second))
    assert [e.agent_id for e in rung if isinstance(e, RingLine)] == [shop.agents["1001"]]


def test_a_click_that_comes_twice_is_carried_out_once(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13800000004")
    once = OpenTicket(call_id=call_id, kind="fault", actor=as_user(shop.agents["1001"]))
    assert shop.bus.execute_once("k1", once) == shop.bus.execute_once("k1", once)
    assert len(shop.queries.tickets(TicketFilter())) == 1


def test_an_unknown_caller_needs_address_and_grid(shop: Shop) -> None:
    call_id = shop.talk("13999990000")
    me = shop.agents["1001"]
    with pytest.raises(Invalid, match="grid"):
        shop.bus.execute(OpenTicket(call_id=call_id, kind="fault", address="某地1号", actor=as_user(me)))
    with pytest.raises(Invalid, match="address"):
        shop.bus.execute(OpenTicket(call_id=call_id, kind="fault", grid_id=1, actor=as_user(me)))
    assert shop.bus.execute(OpenTicket(call_id=call_id, kind="fault", address="某地1号", grid_id=1, actor=as_user(me)))
    found = shop.queries.find_customers("SH600007")
    shop.bus.execute(LinkCustomer(call_id=call_id, customer_id=CustomerId(key(found[0])), actor=as_user(me)))
    assert shop.queries.call(call_id).customer.customer.account_no == "SH600007"  # type: ignore[union-attr]


def test_other_agents_calls_and_cases_are_not_touched(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13800000002")
    shop.say(call_id, content, "我要报停")
    case_id = CaseId(key(present(shop.queries.call(call_id)).case))
    other = shop.agents["1005"]
    commands: tuple[Command[Any], ...] = (
        StepCase(case_id=case_id, action="reason", value="price", actor=as_user(other)), FinishWrapUp(call_id=call_id, disposition="other", actor=as_user(other)),
        OpenCase(call_id=call_id, kind="cancel", actor=as_user(other)), LinkCustomer(call_id=call_id, customer_id=CustomerId(1), actor=as_user(other)))
    for command in commands:
        with pytest.raises(Refused):
            shop.bus.execute(command)
    with pytest.raises(NotFound):
        shop.bus.execute(StepCase(case_id=CaseId(9999), action="reason", value="price", actor=as_user(other)))


def test_voicemail_with_text_and_intent(shop: Shop, content: Content) -> None:
    call_id, effects = shop.call("13800000006", machine.Admitted(False, False),
                                 machine.PromptPlayed("closed_greeting"))
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.PromptPlayed("beep")))
    shop.bus.execute(FileVoicemail(call_id=call_id, start_frame=20))
    shop.say(call_id, content, "我家电视没信号")
    shop.say(call_id, content, "帮我办理拆机")
    assert shop.queries.voicemails() == []
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    shop.bus.execute(CloseCall(call_id=call_id, frames=500))
    (row,) = shop.queries.voicemails()
    assert row.voicemail.text == "我家电视没信号 帮我办理拆机"
    assert (row.voicemail.intent, row.voicemail.end_ms) == ("disconnect.cancel", 10_000)
    assert row.customer is not None
    me = shop.agents["1001"]
    shop.bus.execute(SettleVoicemail(voicemail_id=VoicemailId(key(row.voicemail)), action="claim", actor=as_user(me)))
    with pytest.raises(Refused, match="another agent"):
        shop.bus.execute(SettleVoicemail(voicemail_id=VoicemailId(key(row.voicemail)), action="claim", actor=as_user(me + 1)))
    shop.bus.execute(SettleVoicemail(voicemail_id=VoicemailId(key(row.voicemail)), action="done", note="已回", actor=as_user(me)))
    assert shop.queries.voicemails()[0].voicemail.state == "done"


def test_calls_are_filtered(shop: Shop, content: Content) -> None:
    first = shop.talk("13800000001")
    shop.say(first, content, "我要拆机")
    shop.call("13800000002", machine.Admitted(False, False))

    def found(**wanted: object) -> list[str]:
        return [r.call.caller[-1] for r in shop.queries.calls(CallFilter(**wanted))]  # type: ignore[arg-type]

    today = shop.clock.local().date()
    assert sorted(found()) == ["1", "2"]
    assert found(agent_id=shop.agents["1001"]) == ["1"]
    assert found(intent="disconnect") == found(text="拆机") == ["1"]
    assert sorted(found(first_day=today, last_day=today)) == ["1", "2"]
    assert found(last_day=today - timedelta(days=1)) == []
    assert found(text="%") == []


def test_times_come_back_aware_and_in_utc(shop: Shop) -> None:
    call_id, _ = shop.call("13800000001")
    began = shop.queries.call(call_id).call.started_at  # type: ignore[union-attr]
    assert began.tzinfo is UTC and abs(datetime.now(UTC) - began) < timedelta(minutes=1)
    with shop.unit_of_work() as uow:
        uow.add(AuditEntry(at=datetime(2026, 1, 1), who="x", action="y", subject="z"))
        with pytest.raises(Exception, match="aware"):
            uow.flush()


def test_heard_words_never_bind_the_customer(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13800000001")
    shop.say(call_id, content, "我要拆机太贵了")
    case_id = CaseId(key(present(shop.queries.call(call_id)).case))
    shop.bus.execute(StepCase(case_id=case_id, action="offer", value="price-cut-12", actor=as_user(shop.agents["1001"])))
    shop.say(call_id, content, "好的可以")
    view = shop.queries.call(call_id)
    assert view is not None and view.case is not None and view.case.phase == "offer_shown"
    assert isinstance(content.engine.understand("好的"), Understanding)


def test_old_clicks_and_sessions_are_removed(shop: Shop) -> None:
    now = shop.clock.now()
    with shop.unit_of_work() as uow:
        for name, age in (("old", timedelta(days=3)), ("new", timedelta(hours=1))):
            uow.add(IdempotencyKey(key=name, at=now - age, result=""))
            uow.add(WebSession(token_hash=name, user_id=1, created_at=now - age, expires_at=now - age + timedelta(hours=12)))
        uow.commit()
    assert purge(shop.engine, now) == 2
    with shop.unit_of_work() as uow:
        assert [k.key for k in uow.find(IdempotencyKey)] == ["new"]
        assert [k.token_hash for k in uow.find(WebSession)] == ["new"]


def test_every_record_has_its_table() -> None:
    modules = [import_module(f"app.service.{path.parent.name}.records") for path in ROOT.glob("app/service/*/records.py")]
    stored = {v for module in modules for v in vars(module).values() if isinstance(v, type) and v.__module__ == module.__name__}
    assert len(modules) >= 9
    assert stored == set(tables._MAPPING)


@pytest.mark.parametrize("caller", ["+8613800000001", "8613800000001", "008613800000001", "013800000001", "13800000001;cpc=ordinary"])
def test_a_caller_is_found_by_any_form_of_the_number(shop: Shop, caller: str) -> None:
    call_id, _ = shop.call(caller)
    view = shop.queries.call(call_id)
    assert view is not None and view.call.caller == "13800000001" and view.call.customer_id
    assert [c.id for c in view.candidates] == [view.call.customer_id]
    assert [c.id for c in shop.queries.find_customers(caller)] == [view.call.customer_id]


@pytest.mark.parametrize("caller", ["../../admin", "x" * 500, "138\x0000000001", "١٣٨٠٠٠٠٠٠٠١", "张三"])
def test_a_caller_who_is_no_number_is_kept_harmless_and_rung_back_nowhere(shop: Shop, caller: str) -> None:
    call_id, _ = shop.call(caller)
    view = shop.queries.call(call_id)
    assert view is not None and len(view.call.caller) <= 64 and "\x00" not in view.call.caller
    assert not view.candidates and not shop.queries.callbacks()


def test_a_case_that_is_reopened_is_not_closed(shop: Shop, content: Content) -> None:
    """Formalities close it, the second stage opens it again, the technician's report closes it."""
    call_id, me = shop.talk("13800000001"), shop.agents["1001"]
    shop.say(call_id, content, "我要报停")

    def case() -> RetentionCase:
        view = shop.queries.call(call_id)
        assert view is not None and view.case is not None
        return view.case

    assert case().closed_at is None
    shop.bus.execute(StepCase(case_id=CaseId(key(case())), action="proceed", actor=as_user(me)))
    first = case().closed_at
    assert case().phase == "proceeding" and first is not None
    ticket = shop.bus.execute(OpenTicket(call_id=call_id, actor=as_user(me)))
    assert (case().phase, case().state.phase, case().closed_at) == ("second_stage", "second_stage", None)
    shop.bus.execute(StepTicket(ticket_id=ticket, event="contact", actor=named("王海")))
    shop.bus.execute(StepTicket(ticket_id=ticket, event="lose", reason="price", actor=named("王海")))
    assert case().phase == "lost" and case().closed_at > first and case().state.lost_reason == "price"  # type: ignore[operator]


def test_a_late_report_of_the_technician_changes_nothing(shop: Shop, content: Content) -> None:
    call_id, me = shop.talk("13800000001"), shop.agents["1001"]
    shop.say(call_id, content, "我要报停")
    case_id = CaseId(key(present(shop.queries.call(call_id)).case))
    tickets = [shop.bus.execute(OpenTicket(call_id=call_id, actor=as_user(me))) for _ in range(2)]
    for event in ("contact", "keep"):
        shop.bus.execute(StepTicket(ticket_id=tickets[0], event=event, actor=named("王海")))
    with shop.reads() as reads:
        case = reads.get(RetentionCase, case_id)
    assert case is not None and case.phase == "kept_at_door"
    assert shop.queries.ticket(tickets[1])[0].ticket.case_id is None, "the second stage was open already"  # type: ignore[index]


def test_a_call_that_an_agent_makes_is_outbound(shop: Shop) -> None:
    me = shop.agents["1001"]
    shop.ready("1002", "1001")
    shop.bus.execute(OpenCall(call_id="f" * 32, bridge="b", sip_call_id="s", caller="13800000001", called="hotline", started_at=shop.clock.now(), wanted=me))
    effects = shop.bus.execute(AdvanceCall(call_id="f" * 32, event=machine.Admitted(True, True)))
    assert [(e.agent_id, e.leg) for e in effects if isinstance(e, RingLine)] == [(me, "agent")]
    call = shop.queries.call("f" * 32).call  # type: ignore[union-attr]
    assert (call.direction, call.party_number, call.state.parties[0].role) == ("outbound", "13800000001", "outside")
    assert [p.user_id for p in call.state.parties] == [None, me]


def test_what_was_read_and_written_leaves_nothing_to_the_collector(shop: Shop) -> None:
    """A session that has a class of its own leaves some fifty objects in circles, each time."""

    def work(times: int) -> int:
        before = len(gc.get_objects())
        for _ in range(times):
            with shop.unit_of_work() as uow:
                uow.find(Grid)
                uow.commit()
            with shop.reads() as reads:
                reads.find(Grid)
        return len(gc.get_objects()) - before

    work(10)
    gc.collect()
    classes = len(Session.__subclasses__())
    gc.disable()
    try:
        left = work(100)
    finally:
        gc.enable()
    assert len(Session.__subclasses__()) == classes
    assert left < 100, left
