"""The one door for changes, on SQLite and PostgreSQL: who may, what is kept of it, once and only once."""

from dataclasses import replace

import pytest

from app.domain.calls import machine
from app.domain.ids import TicketId, UserId, VoicemailId
from app.domain.people.actor import ROBOT, SYSTEM, Actor
from app.domain.refusal import Forbidden, Refused
from app.service.callbacks.commands import SettleVoicemail
from app.service.field.commands import OpenTicket, ReportOutage, StepTicket
from app.service.field.queries import TicketFilter
from app.service.field.records import FieldTicket, Outage
from app.service.people.commands import LogAccess, NoteFailedLogin
from app.service.people.records import AuditEntry, User
from app.service.queue.commands import ChangePresence
from tests.contract.conftest import Shop
from tests.support.actors import as_user


def _role(shop: Shop, name: str) -> Actor:
    with shop.unit_of_work() as uow:
        user = uow.find(User, name=name)[0]
        return Actor.user(user.id or 0, user.name, user.display_name, user.role)


def _audit(shop: Shop) -> list[tuple[str, str, str]]:
    with shop.unit_of_work() as uow:
        return [(row.who, row.action, row.subject) for row in uow.find(AuditEntry)]


def _ticket(shop: Shop) -> FieldTicket:
    call_id = shop.talk("13800000004")
    key = shop.bus.execute(OpenTicket(call_id=call_id, kind="fault", actor=_role(shop, "1001")))
    with shop.unit_of_work() as uow:
        ticket = uow.get(FieldTicket, key)
    assert ticket is not None
    return ticket


def test_who_may_not_changes_nothing_and_leaves_no_line(shop: Shop) -> None:
    before = _audit(shop)
    for name in ("1001", "tech1"):
        with pytest.raises(Forbidden):
            shop.bus.execute(ReportOutage(grid_id=1, text="断了", actor=_role(shop, name)))
    with pytest.raises(Forbidden):
        shop.bus.execute(ReportOutage(grid_id=1, text="断了", actor=ROBOT))
    with pytest.raises(Forbidden):
        shop.bus.execute(NoteFailedLogin(name="x", actor=_role(shop, "admin")))
    with shop.unit_of_work() as uow:
        assert not uow.find(Outage)
    assert _audit(shop) == before


def test_what_is_done_is_kept_with_who_did_it(shop: Shop) -> None:
    supervisor = _role(shop, "super")
    shop.bus.execute(ReportOutage(grid_id=1, text="光缆断了", actor=supervisor))
    shop.bus.execute(LogAccess(action="call_viewed", subject="abc", actor=Actor.token("figures", "manager")))
    assert _audit(shop)[-2:] == [("super", "outage_reported", "1"), ("token:figures", "call_viewed", "abc")]


def test_a_refusal_leaves_no_line_either(shop: Shop) -> None:
    before = _audit(shop)
    with pytest.raises(Refused):
        shop.bus.execute(ReportOutage(grid_id=1, text=" ", actor=_role(shop, "super")))
    assert _audit(shop) == before


def test_the_house_itself_is_not_audited(shop: Shop) -> None:
    before = len(_audit(shop))
    shop.talk("13800000004")
    kept = [line for line in _audit(shop)[before:] if line[0] == SYSTEM.name]
    assert kept == []


def test_the_same_key_answers_with_the_same_type(shop: Shop) -> None:
    command = OpenTicket(call_id=shop.talk("13800000004"), kind="fault", actor=_role(shop, "1001"))
    first = shop.bus.execute_once("key", command)
    again = shop.bus.execute_once("key", command)
    assert first == again and isinstance(again, int)
    state = ChangePresence(user_id=shop.agents["1002"], event="go_break", actor=_role(shop, "1002"))
    assert shop.bus.execute_once("b", state) == shop.bus.execute_once("b", state) == "break"
    nothing = ReportOutage(grid_id=1, text="光缆断了", actor=_role(shop, "super"))
    assert shop.bus.execute_once("n", nothing) is None and shop.bus.execute_once("n", nothing) is None
    assert len(shop.queries.tickets(TicketFilter())) == 1
    with shop.unit_of_work() as uow:
        assert len(uow.find(Outage)) == 1


def test_a_technician_moves_only_the_own_tickets(shop: Shop) -> None:
    ticket = _ticket(shop)
    with shop.unit_of_work() as uow:
        technicians = {user.id: user.name for user in uow.find(User, role="technician")}
    key, owner = TicketId(ticket.id or 0), technicians[ticket.technician_id]
    other = next(name for name in technicians.values() if name != owner)
    for actor in (
        _role(shop, other),
        Actor.token("phone", "technician"),
        Actor.token("phone", "technician", next(i for i, n in technicians.items() if n == other)),
        _role(shop, "1001"),
        _role(shop, "manager"),
    ):
        with pytest.raises(Forbidden):
            shop.bus.execute(StepTicket(ticket_id=key, event="contact", actor=actor))
    with pytest.raises(Forbidden, match="assigned by"):
        shop.bus.execute(StepTicket(ticket_id=key, event="assign", technician_id=UserId(1), actor=_role(shop, owner)))
    shop.bus.execute(StepTicket(ticket_id=key, event="contact", actor=Actor.token("phone", "technician", ticket.technician_id)))
    shop.bus.execute(StepTicket(ticket_id=key, event="postpone", actor=_role(shop, "super")))


def test_agents_open_tickets_for_their_own_calls_in_their_own_name(shop: Shop) -> None:
    call_id = shop.talk("13800000001", "1001")
    wanted = OpenTicket(call_id=call_id, kind="fault", actor=_role(shop, "1002"))
    with pytest.raises(Refused, match="another agent"):
        shop.bus.execute(wanted)
    with pytest.raises(Forbidden, match="nobody else"):
        shop.bus.execute(replace(wanted, on_behalf_of=shop.agents["1002"], actor=_role(shop, "1001")))
    assert not shop.queries.tickets(TicketFilter())
    for actor, name in ((_role(shop, "1001"), shop.agents["1001"]), (_role(shop, "super"), None), (Actor.token("crm", "agent"), shop.agents["1001"])):
        assert shop.bus.execute(replace(wanted, on_behalf_of=name, actor=actor))
    message, _ = shop.call("13800000002", machine.Admitted(False, False))
    assert shop.bus.execute(replace(wanted, call_id=message)), "nobody's"


def test_whoever_is_no_user_owns_no_call(shop: Shop) -> None:
    """A call without an agent is not the call of a program without a user."""
    with pytest.raises(Refused):
        shop.bus.execute(SettleVoicemail(voicemail_id=VoicemailId(1), action="claim", actor=as_user(None, "x")))


def test_a_supervisor_may_send_an_agent_on_break_an_agent_only_themselves(shop: Shop) -> None:
    me, other = shop.agents["1001"], shop.agents["1002"]
    with pytest.raises(Forbidden):
        shop.bus.execute(ChangePresence(user_id=other, event="go_break", actor=_role(shop, "1001")))
    assert shop.bus.execute(ChangePresence(user_id=me, event="go_break", actor=_role(shop, "1001"))) == "break"
    assert shop.bus.execute(ChangePresence(user_id=other, event="go_break", actor=_role(shop, "super"))) == "break"
