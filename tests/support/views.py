"""Calls and households as screens read them, made of real records."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from app.service.calls.queries import CallView
from app.service.calls.records import Call, CallEvent, CardFate, Utterance
from app.service.field.records import FieldTicket, Grid
from app.service.households.queries import CustomerView
from app.service.households.records import Customer, Plan
from app.service.retention.records import RetentionCase

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def household(monthly_fen: int = 9900, since: date = date(2020, 1, 1), address: str = "石鼓区一号") -> CustomerView:
    plan = Plan(code="old", name="老套餐", monthly_fen=monthly_fen, download_mbps=100, contract_months=12, penalty_percent=30)
    customer = Customer(
        name="林海燕", account_no="SH1", address=address, estate="石鼓区", grid_id=1, plan_code="old", since=since,
        expires_on=date(2027, 5, 10), box_model="高清盒", smart_card="", id_last4="", arrears_fen=2400, id=1)
    return CustomerView(customer, plan, Grid(name="一网格", id=1), None, ["13800000001"], (), (), ())


def call_view(
    utterances: Sequence[Utterance] = (), monthly_fen: int = 9900, phase: str = "talking", case: RetentionCase | None = None,
    tickets: Sequence[FieldTicket] = (), events: Sequence[CallEvent] = (), known: bool = True,
) -> CallView:
    customer = household(monthly_fen) if known else None
    call = Call(
        id="c", bridge="b", sip_call_id="s", caller="13800000001", called="hotline", started_at=NOW, phase=phase, state_json="{}", answered_at=NOW)
    fates: list[CardFate] = []
    return CallView(
        call, None, customer, (), list(utterances), list(events), case, (), list(tickets), None, fates=fates,
        plans=(customer.plan,) if customer else ())


def ticket(kind: str, number: str = "T1", state: str = "assigned", due_at: datetime = NOW, closed_at: datetime | None = None) -> FieldTicket:
    return FieldTicket(
        number=number, kind=kind, state=state, address="石鼓区一号", phone="13800000001", grid_id=1, created_at=NOW, due_at=due_at,
        created_by="陈晓雯", closed_at=closed_at, id=1)


def case(phase: str) -> RetentionCase:
    return RetentionCase(call_id="c", opened_at=NOW, phase=phase, kind="cancel", state_json="{}", id=1)
