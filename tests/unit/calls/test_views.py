"""What screens show, without any HTML: what came of a call, what is late, what is filled in already."""

import json
from datetime import date, datetime, timedelta

import pytest

from app.domain.due import overdue
from app.service.callbacks.queries import CallbackRow, TaskRow
from app.service.callbacks.records import Callback, Task
from app.service.callbacks.views import callback_lines, task_lines
from app.service.calls.card_shapes import Card, GuideCard
from app.service.calls.records import CallEvent, Utterance
from app.service.calls.views import DeskCall, build_desk_call, likely_disposition, ticket_form
from app.service.field.queries import TicketRow
from app.service.field.records import Grid
from app.service.field.views import offers_tried, ticket_lines
from app.service.people.records import User
from app.service.ports import Content
from app.service.queue.views import Trouble, card_use, lasting
from app.service.retention.gate_view import Gate, GateLine
from app.service.retention.views import build_form
from app.service.state_codec import dump
from tests.support.views import NOW, call_view, case, household, ticket

HOUR = timedelta(hours=1)


def _label(kind: str, code: str) -> str:
    return f"{kind}:{code}"


@pytest.mark.parametrize(("phase", "tickets", "kind", "disposition"), [
    ("kept", ["fault"], "answer", "kept"), ("proceeding", [], "answer", "proceeded"), ("refused_twice", [], "retention", "proceeded"),
    ("second_stage", ["retention"], "retention", "second_stage"), ("asked", [], "retention", "other"), ("", ["fault"], "answer", "fault_ticket"),
    ("", ["service"], "form", "registered"), ("", ["fault", "complaint"], "answer", "complaint"), ("", ["retention"], "answer", "other"),
    ("", [], "answer", "answered"), ("", [], "complaint", "complaint"), ("", [], "idle", "other"), ("lost", [], "answer", "answered")])
def test_what_probably_came_of_a_call(phase: str, tickets: list[str], kind: str, disposition: str) -> None:
    view = call_view(case=case(phase) if phase else None, tickets=[ticket(k) for k in tickets])
    assert likely_disposition(view, Card(kind)) == disposition


@pytest.mark.parametrize(("due", "closed", "late"), [(-HOUR, None, True), (HOUR, None, False), (-HOUR, NOW, False), (None, None, False), (0 * HOUR, None, False)])
def test_late_means_the_same_everywhere(due: timedelta | None, closed: datetime | None, late: bool) -> None:
    due_at = NOW + due if due is not None else None
    assert overdue(due_at, NOW, closed) is late
    if due_at is None:
        return
    (line,) = ticket_lines([TicketRow(ticket("fault", due_at=due_at, closed_at=closed), Grid(name="g"), None, None)], NOW)
    assert line.late is late
    if closed is None:
        (back,) = callback_lines([CallbackRow(Callback(caller="1", source="robot", created_at=NOW, next_at=NOW, due_at=due_at), None, None, 5)], 1, NOW)
        (task,) = task_lines([TaskRow(Task(kind="promise", text="x", phone="1", created_at=NOW, due_at=due_at), None)], NOW)
        assert (back.late, task.late) == (late, late)


def test_a_callback_as_its_viewer_sees_it() -> None:
    me = User(name="1001", display_name="陈晓雯", role="agent", password_hash="x", id=1)
    draft = json.dumps({"kind": "fault", "address": "", "phone": "", "when": "明天", "brief": "", "number": ""})
    row = Callback(caller="13800000001", source="robot", created_at=NOW, next_at=NOW + HOUR, state="claimed", claimed_by=1, draft_json=draft, id=4)
    mine, = callback_lines([CallbackRow(row, household().customer, me, 70)], 1, NOW)
    assert mine.mine and mine.resting and not mine.open and mine.ticket_waits and mine.claimed_by == "陈晓雯"
    assert (mine.address, mine.phone) == ("石鼓区一号", "13800000001")
    theirs, = callback_lines([CallbackRow(row, None, me, 70)], 2, NOW)
    assert not theirs.mine and not theirs.ticket_waits and theirs.address == ""


def test_tone_and_offers_of_a_ticket() -> None:
    rows = [TicketRow(ticket("fault", state=state), Grid(name="g"), None, None) for state in ("kept", "lost", "assigned")]
    assert [line.tone for line in ticket_lines(rows, NOW)] == ["good", "bad", "brand"]
    assert offers_tried("price-cut-12:declined,basic-downgrade:accepted") == (("price-cut-12", "declined"), ("basic-downgrade", "accepted"))
    assert offers_tried("") == ()


def _utterance(content: Content, text: str, at: int = 0, side: str = "caller") -> Utterance:
    heard = content.engine.understand(text)
    return Utterance(
        call_id="c", side=side, start_ms=at * 1000, end_ms=at * 1000 + 900, text=text, words_json="[]", confidence=1.0, intent=heard.intent,
        action=heard.action, understanding_json=dump(heard), id=at + 1)


def _desk(content: Content, *said: str, **values: object) -> DeskCall:
    view = call_view(utterances=[_utterance(content, text, at) for at, text in enumerate(said)], **values)  # type: ignore[arg-type]
    return build_desk_call(view, content, NOW, _label)


def test_a_desks_call(content: Content) -> None:
    desk = _desk(content, "我家电视没信号")
    assert desk.in_talk and desk.at_work and desk.correctable and desk.wrap_up is None and desk.form is None
    assert desk.card.kind == "fault" and desk.card.intent not in desk.likely and len(desk.likely) >= 2
    assert (desk.tenure_years, desk.expired) == ((date(2026, 11, 22) - date(2020, 1, 1)).days // 365, False)
    assert not desk.chooses_customer and not desk.must_be_said_first
    ended = _desk(content, "我家电视没信号", phase="wrap_up")
    assert not ended.in_talk and ended.at_work and ended.wrap_up is not None and ended.wrap_up.disposition == "other"
    assert ended.wrap_up.summary.startswith("来电：")
    ringing = _desk(content, phase="ringing_agent", known=False)
    assert ringing.card.kind == "idle" and not ringing.at_work and not ringing.correctable and ringing.chooses_customer
    assert ringing.ticket_form.needs_grid and ringing.history == () and ringing.tenure_years == 0


@pytest.mark.parametrize(("card", "correctable"), [
    (Card("idle", utterance_id=1), False), (Card("answer"), False), (Card("answer", utterance_id=1), True), (Card("answer", utterance_id=1, corrected=True), False),
    (Card("retention", "asked", utterance_id=1), True), (Card("retention", "reason_known", utterance_id=1), True),
    (Card("retention", "offer_shown", utterance_id=1), False), (Card("retention", "kept", utterance_id=1), False)])
def test_what_may_be_corrected(content: Content, card: Card, correctable: bool) -> None:
    desk = _desk(content)
    made = DeskCall(view=desk.view, card=card, gate=desk.gate, wrap_up=None, form=None, ticket_form=desk.ticket_form, likely=(), history=(),
                    tenure_years=0, expired=False)
    assert made.correctable is correctable


def test_the_last_gap_of_hearing_is_told(content: Content) -> None:
    events = [CallEvent(call_id="c", at=NOW, kind="HearingFailed", detail="caller 1-3 s"), CallEvent(call_id="c", at=NOW, kind="HearingFailed", detail="agent 7-9 s"), CallEvent(call_id="c", at=NOW, kind="guide")]
    assert _desk(content, events=events).hearing_gap == "agent 7-9 s" and _desk(content).hearing_gap == ""


def test_a_form_asks_only_for_what_is_not_known(content: Content) -> None:
    desk = _desk(content, "我要投诉你们")
    form = desk.form
    assert form is not None and form.code == "complaint" and not form.needs_grid and not form.filed
    fields = {field.key: field for field in form.fields}
    assert fields["about"].kind == "choice" and fields["about"].required and "收费" in fields["about"].options
    assert (fields["phone"].value, fields["address"].value, fields["what"].value) == ("13800000001", "石鼓区一号", "我要投诉你们")
    assert fields["what"].wide and fields["address"].wide and not fields["phone"].wide and fields["phone"].kind == "tel"
    view = call_view(tickets=[ticket("service", "S1"), ticket("complaint", "T9")])
    filed = build_form(Card("complaint", form="complaint"), view, content)
    assert filed is not None and filed.filed == "T9"
    install = build_form(Card("form", form="install"), call_view(), content)
    assert install is not None and {f.key: f.value for f in install.fields}["address"] == "", "the new address is another one"
    assert build_form(Card("answer"), call_view(), content) is None


def test_a_number_that_was_said_is_not_written_into_a_form(content: Content) -> None:
    said = "我要投诉你们我的电话是13912345678"
    view = call_view(utterances=[_utterance(content, said)])
    form = build_form(Card("complaint", form="complaint", utterance_id=1), view, content)
    assert form is not None and "13912345678" not in {f.key: f.value for f in form.fields}["what"]


@pytest.mark.parametrize(("step", "tickets", "opened", "promised"), [
    ("remote", 0, True, True), ("ticket", 0, True, False), ("ticket", 1, False, False), ("box", 0, False, False)])
def test_the_ticket_that_a_guide_ends_in(content: Content, step: str, tickets: int, opened: bool, promised: bool) -> None:
    guide = GuideCard("tv", {"zh": "电视"}, step, "", (), "重启了：否")
    form = ticket_form(call_view(tickets=[ticket("fault")] * tickets), Card("fault", guide=guide), content)
    assert (form.kind, form.opened, bool(form.promise), form.tried) == ("fault", opened, promised, "重启了：否")
    assert ticket_form(call_view(), Card("retention"), content).kind == "retention"


def test_the_gate_says_when_all_is_said() -> None:
    lines = tuple(GateLine(n, "c", {}, "", state, True) for n, state in enumerate(("heard", "open", "asked")))
    assert [line.waits for line in lines] == [False, True, True]
    assert not Gate(lines).complete and Gate(()).complete


def test_figures_of_the_floor() -> None:
    (row,) = card_use({"fault": {"shown": 8, "used": 2, "answered": 2, "overridden": 1, "dismissed": 3}})
    assert (row.family, row.shown, row.used, row.corrected, row.put_away) == ("fault", 8, 50, 12, 37)
    old, new = Trouble(NOW - 2 * HOUR, "disk full"), [Trouble(NOW, side="caller")] * 4
    assert lasting([old, *new], NOW) == tuple(new[:3])
