"""On SQLite and PostgreSQL: the robot's deeds, stock, measured success, forms, fates of cards, search by words."""

from dataclasses import replace

import pytest

from app.adapters.db.queries import SqlQueries
from app.domain.calls import machine
from app.domain.ids import CallbackId, CaseId
from app.domain.refusal import Invalid, NotFound, Refused
from app.domain.robot.speaker import replies_at
from app.domain.robot.vocabulary import Deed, Place, Started
from app.language.understanding.understood import Situation
from app.service.callbacks.commands import OpenDraftedTicket, StepCallback
from app.service.calls.cards import build_card
from app.service.calls.commands import AdvanceCall, CloseCall
from app.service.calls.queries import CallFilter
from app.service.calls.records import Utterance
from app.service.ports import Content
from app.service.retention.commands import FileForm, SetStock, StepCase
from app.service.robot import deeds
from app.service.robot.commands import RobotTurn, TalkToRobot
from app.service.robot.said import said_of
from tests.contract.conftest import ZONE, Shop
from tests.support.actors import as_user, named
from tests.support.kept import key, present


def _robot(shop: Shop, number: str) -> str:
    call_id, _ = shop.call(number, machine.RobotTook())
    shop.bus.execute(TalkToRobot(call_id=call_id, event=Started()))
    return call_id


def _tell(shop: Shop, content: Content, call_id: str, *said: str) -> str:
    words, place = "", Place.OPEN
    for text in said:
        shop.say(call_id, content, text)
        found = content.engine.understand(text, Situation(expecting=replies_at(place)))
        turn: RobotTurn = shop.bus.execute(TalkToRobot(call_id=call_id, event=said_of(found, 1.0, content)))
        place = turn.place
        words = "".join(getattr(effect, "text", "") for effect in turn.effects)
    return words


def test_the_robot_registers_who_wants_to_stop(shop: Shop, content: Content) -> None:
    number = "13800000001"
    call_id = _robot(shop, number)
    offer = _tell(shop, content, call_id, "我要报停", "太贵了")
    assert "61.6" in offer, "the customer's own figures"
    assert "单号" in _tell(shop, content, call_id, "不要", "对")
    view = shop.queries.call(call_id)
    assert view is not None and view.case is not None and view.robot is not None
    assert (view.case.phase, view.case.reason, view.case.kind) == ("second_stage", "price", "suspend")
    assert [(t.offer, t.outcome) for t in view.trials] == [("price-cut-12", "declined")]
    (ticket,) = view.tickets
    assert ticket.kind == "retention" and ticket.created_by == "机器人" and ticket.offers == "price-cut-12:declined"
    assert view.robot.outcome == "stop" and any(u.side == "robot" for u in view.utterances)
    (waiting,) = shop.queries.callbacks()
    assert waiting.callback.intent == "disconnect.suspend" and waiting.points >= 60
    again = _robot(shop, number)
    assert "61.6" not in _tell(shop, content, again, "我要报停", "太贵了"), "no offer twice, whoever makes it"


def test_a_strangers_fault_finds_its_grid(shop: Shop, content: Content) -> None:
    call_id = _robot(shop, "13911112222")
    _tell(shop, content, call_id, "我要装宽带", "湖东花园三栋三零二", "对", "对", "明天上午")
    view = shop.queries.call(call_id)
    assert view is not None
    (ticket,) = view.tickets
    row, _ = shop.queries.ticket(ticket.id or 0)  # type: ignore[misc]
    assert row.grid.name == "湖东网格" and ticket.phone == "13911112222" and ticket.promise == "明天上午"


def test_without_an_address_nobody_is_sent(shop: Shop, content: Content) -> None:
    """A stranger who wants to stop is rung back, with a ticket drafted; a complaint is answered by telephone."""
    call_id = _robot(shop, "13911112223")
    words = _tell(shop, content, call_id, "我要报停", "太贵了", "对")
    assert "回电话" in words and "单号" not in words
    view = shop.queries.call(call_id)
    assert view is not None and not view.tickets and view.case is not None and view.case.reason == "price"
    (waiting,) = shop.queries.callbacks()
    draft = waiting.callback.draft
    assert draft is not None and (draft.kind, draft.phone, draft.address) == ("retention", "13911112223", "") and "太贵了" in draft.brief
    call_id = _robot(shop, "13911112224")
    assert "单号" in _tell(shop, content, call_id, "我要投诉你们", "师傅三次都没来", "对")
    (ticket,) = shop.queries.call(call_id).tickets  # type: ignore[union-attr]
    assert (ticket.kind, ticket.address, ticket.phone) == ("complaint", "", "13911112224")


def test_a_customers_complaint_carries_the_household(shop: Shop, content: Content) -> None:
    call_id = _robot(shop, "13800000001")
    _tell(shop, content, call_id, "我要投诉你们", "师傅三次都没来", "对")
    view = shop.queries.call(call_id)
    assert view is not None and view.customer is not None
    (ticket,) = view.tickets
    assert ticket.address == view.customer.customer.address


def test_everything_the_robot_may_do_is_done() -> None:
    assert set(deeds._DEEDS) == set(Deed)


def test_what_is_accepted_leaves_the_stock(shop: Shop, content: Content) -> None:
    with pytest.raises(Invalid):
        shop.bus.execute(SetStock(item="shoe", left=3, actor=named("梁组长")))
    shop.bus.execute(SetStock(item="box-4k", left=1, actor=named("梁组长")))

    def offers(number: str, agent: str) -> tuple[CaseId, list[str]]:
        call_id = shop.talk(number, agent)
        shop.say(call_id, content, "我要报停")
        case_id = CaseId(key(present(shop.queries.call(call_id)).case))
        shop.bus.execute(StepCase(case_id=case_id, action="reason", value="service", actor=as_user(shop.agents[agent])))
        view = shop.queries.call(call_id)
        assert view is not None
        return case_id, [o.code for o in build_card(view, content, shop.clock.local().date()).offers]

    case_id, codes = offers("13800000001", "1001")
    assert "box-upgrade" in codes
    for action, value in (("offer", "box-upgrade"), ("accept", "")):
        shop.bus.execute(StepCase(case_id=case_id, action=action, value=value, actor=as_user(shop.agents["1001"])))
    assert [row.left for row in shop.queries.stock()] == [0]
    case_id, codes = offers("13800000002", "1002")
    assert "box-upgrade" not in codes
    with pytest.raises(Refused):
        shop.bus.execute(StepCase(case_id=case_id, action="offer", value="box-upgrade", actor=as_user(shop.agents["1002"])))


def test_answers_of_customers_are_counted_by_reason(shop: Shop, content: Content) -> None:
    call_id = shop.talk("13800000001")
    shop.say(call_id, content, "我要停机太贵了")
    case_id = CaseId(key(present(shop.queries.call(call_id)).case))
    for action, value in (("offer", "price-cut-12"), ("decline", ""), ("offer", "bundle-100"), ("accept", "")):
        shop.bus.execute(StepCase(case_id=case_id, action=action, value=value, actor=as_user(shop.agents["1001"])))
    view = SqlQueries(shop.engine, ZONE).call(call_id)  # counts are kept for a minute
    assert view is not None
    assert {code: (m.accepted, m.answered) for code, m in view.success.items()} == {"price-cut-12": (0, 1), "bundle-100": (1, 1)}


def test_a_form_becomes_a_ticket(shop: Shop, content: Content) -> None:
    call_id, me = shop.talk("13800000001"), shop.agents["1001"]
    shop.say(call_id, content, "我要投诉你们")
    values = {"about": "收费", "what": "多收了钱", "phone": "13800000001", "address": "海景花园"}
    for bad, error in (({**values, "what": " "}, Invalid), ({**values, "about": "天气"}, Invalid)):
        with pytest.raises(error):
            shop.bus.execute(FileForm(call_id=call_id, form="complaint", values=bad, actor=as_user(me)))
    with pytest.raises(NotFound):
        shop.bus.execute(FileForm(call_id=call_id, form="nope", values=values, actor=as_user(me)))
    with pytest.raises(Refused):
        shop.bus.execute(FileForm(call_id=call_id, form="complaint", values=values, actor=as_user(shop.agents["1002"])))
    shop.bus.execute(FileForm(call_id=call_id, form="complaint", values=values, actor=as_user(me)))
    view = shop.queries.call(call_id)
    assert view is not None
    (ticket,) = view.tickets
    assert ticket.brief == "投诉登记；投诉什么：收费；经过：多收了钱" and ticket.promise == "24小时内专人答复投诉"
    assert [fate.fate for fate in view.fates] == ["used"]
    figures = shop.queries.card_figures(replace(view.call).started_at)
    assert figures["complaint"] == {"shown": 1, "used": 1}


def test_words_are_found_where_they_were_said(shop: Shop, content: Content) -> None:
    first, second = shop.talk("13800000001", "1001"), shop.talk("13800000002", "1002")
    shop.say(first, content, "我家电视没信号", "agent")
    shop.say(second, content, "电视，没有信号！50%", "agent")

    def found(**wanted: object) -> set[str]:
        return {row.call.id for row in shop.queries.calls(CallFilter(**wanted))}  # type: ignore[arg-type]

    assert found(text="没信号") == {first} and found(text="没有信号") == {second}
    assert found(text="信号") == found(text="号") | {first} and found(text="电视没有") == {second}, "punctuation is no hindrance"
    assert found(text="视没信") == {first} and found(text="信没") == set() and found(text="'") == set() and found(text="50%") == {second}
    assert found(text="信号", agent_id=shop.agents["1002"]) == {second}
    assert found(text="信号", agent_id=shop.agents["1003"]) == set()


def test_search_words_are_kept_with_the_utterance(shop: Shop) -> None:
    with shop.unit_of_work() as uow:
        assert len(uow.find(Utterance)) == 0
    assert shop.queries.calls(CallFilter(text="什么")) == []


def _message(shop: Shop, content: Content, number: str, *said: str) -> str:
    call_id, _ = shop.call(number, machine.Admitted(False, False), machine.PromptPlayed("closed_greeting"), machine.PromptPlayed("beep"))
    for text in said:
        shop.say(call_id, content, text)
    shop.bus.execute(AdvanceCall(call_id=call_id, event=machine.CallerHungUp()))
    shop.bus.execute(CloseCall(call_id=call_id, frames=500, voicemail_from_frame=0))
    return call_id


def test_a_message_becomes_a_drafted_ticket(shop: Shop, content: Content) -> None:
    """What was named is filled in; who rings back completes and opens it, once."""
    number, me, other = "13911113333", shop.agents["1001"], shop.agents["1002"]
    call_id = _message(shop, content, number, "我要装宽带", "我家在湖东花园三栋三零二", "明天下午")
    (row,) = shop.queries.callbacks()
    draft, callback = row.draft, CallbackId(key(row.callback))
    assert draft is not None and draft.kind == "service" and "湖东花园" in draft.address and "明天" in draft.when
    _message(shop, content, number, "我的电话是一三九零零一一二二三三")
    (row,) = shop.queries.callbacks()
    assert row.draft is not None and row.draft.phone in ("", "13900112233") and row.draft.address == draft.address, "one entry, nothing is lost"
    wanted = OpenDraftedTicket(
        callback_id=callback, address=draft.address, phone="13900112233", promise="明天下午", brief="装宽带", actor=as_user(me, "陈晓雯"))
    with pytest.raises(Refused):
        shop.bus.execute(wanted)
    shop.bus.execute(StepCallback(callback_id=callback, event="claim", actor=as_user(me)))
    with pytest.raises(Refused):
        shop.bus.execute(replace(wanted, actor=as_user(other)))
    with pytest.raises(Invalid):
        shop.bus.execute(replace(wanted, address="天涯海角"))
    shop.bus.execute(wanted)
    view = shop.queries.call(call_id)
    assert view is not None
    (ticket,) = view.tickets
    assert (ticket.kind, ticket.phone, ticket.promise, ticket.created_by) == ("service", "13900112233", "明天下午", "陈晓雯")
    assert shop.queries.ticket(ticket.id or 0)[0].grid.name == "湖东网格"  # type: ignore[index]
    with pytest.raises(Refused):
        shop.bus.execute(wanted)
    (row,) = shop.queries.callbacks()
    assert row.draft is not None and row.draft.number == ticket.number


def test_a_withheld_number_is_rung_at_the_one_that_was_said(shop: Shop, content: Content) -> None:
    _message(shop, content, "", "我要投诉你们")
    assert not shop.queries.callbacks(), "nowhere to ring"
    _message(shop, content, "", "我要投诉你们", "我的电话是一三九零零一一二二三三")
    (row,) = shop.queries.callbacks()
    assert row.callback.caller == "13900112233"


def test_nothing_is_drafted_for_a_question(shop: Shop, content: Content) -> None:
    _message(shop, content, "13911114444", "营业厅在哪里")
    (row,) = shop.queries.callbacks()
    assert row.draft is None


def test_who_stays_at_the_offer_is_kept(shop: Shop, content: Content) -> None:
    """The case is kept, the offer neither accepted nor declined, and no technician is sent."""
    call_id = _robot(shop, "13800000001")
    assert "照常使用" in _tell(shop, content, call_id, "我要报停", "太贵了", "那我先不停了")
    view = present(shop.queries.call(call_id))
    assert (present(view.case).phase, present(view.case).reason) == ("kept", "price") and not view.tickets
    assert [(t.offer, t.outcome) for t in view.trials] == [("price-cut-12", "shown")]
    assert present(view.robot).outcome == "kept" and not shop.queries.callbacks()


def test_an_offer_with_a_condition_is_left_to_a_person(shop: Shop, content: Content) -> None:
    call_id = _robot(shop, "13800000001")
    _tell(shop, content, call_id, "我要报停", "太贵了", "打五折我就不停", "打五折我就不停", "对")
    view = present(shop.queries.call(call_id))
    assert present(view.case).phase == "offer_shown" and not view.tickets
    (waiting,) = shop.queries.callbacks()
    assert "打五折我就不停" in waiting.callback.text and "还没决定" in waiting.callback.text


def test_danger_opens_an_urgent_ticket_whoever_rings(shop: Shop, content: Content) -> None:
    """A household and a stranger who has not said where: due within the hour, and somebody rings back."""
    for number, address in (("13800000001", ""), ("13911112299", "金沙湾")):
        call_id = _robot(shop, number)
        _tell(shop, content, call_id, "楼道里的线掉下来冒火花了", *(["金沙湾五栋楼下"] if address else []))
        (ticket,) = present(shop.queries.call(call_id)).tickets
        row, _ = present(shop.queries.ticket(key(ticket)))
        assert ticket.kind == "fault" and "紧急" in row.ticket.brief and address in row.ticket.address
        assert (row.ticket.due_at - row.ticket.created_at).total_seconds() < 3660
    assert len(shop.queries.callbacks()) == 2


def test_what_was_asked_for_earlier_is_taken_back_by_a_person(shop: Shop, content: Content) -> None:
    first = _robot(shop, "13800000001")
    _tell(shop, content, first, "我要报停", "太贵了", "不要", "对")
    again = _robot(shop, "13800000001")
    assert "回电话" in _tell(shop, content, again, "别给我停机")
    assert "别给我停机" in shop.queries.callbacks()[0].callback.text
    assert present(shop.queries.call(first)).case.phase == "second_stage", "a person decides, not a word that was heard"  # type: ignore[union-attr]


def test_a_call_back_has_the_time_that_was_named(shop: Shop, content: Content) -> None:
    call_id = _robot(shop, "13800000001")
    _tell(shop, content, call_id, "能不能让人给我回电话", "晚上八点")
    (waiting,) = shop.queries.callbacks()
    assert "晚上八点" in waiting.callback.text
    moved = _robot(shop, "13800000002")
    _tell(shop, content, moved, "我要移机", "滨海小区八栋五零一", "对", "对", "周六上午")
    (ticket,) = present(shop.queries.call(moved)).tickets
    row, _ = present(shop.queries.ticket(key(ticket)))
    assert "新地址：滨海小区8栋501" in row.ticket.brief and "滨海小区8栋" not in row.ticket.address
