"""What the house knows for a conversation: looked up when the dialog asks for it, once a turn."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from app.domain.field.guide import FaultTree
from app.domain.retention.case import NO_OFFER_REASONS, CasePhase
from app.domain.retention.offer import Offer, fitting
from app.service.calls.records import Call
from app.service.context import Context
from app.service.field.records import Outage
from app.service.households.records import Customer, Plan
from app.service.lookup import require
from app.service.people.records import User
from app.service.ports import UnitOfWork
from app.service.retention import stock
from app.service.retention.calculators import in_figures, offer_subject, yuan
from app.service.retention.records import RetentionCase

#: A stop that was asked for and is not over yet.
_UNDER_WAY = frozenset({
    CasePhase.REFUSED_TWICE, CasePhase.PROCEEDING, CasePhase.SECOND_STAGE,
})  # fmt: skip
BILL = "您的套餐是{plan}，每月{price}元，{until}到期，{owes}"
OUTAGE = "您那边现在有大面积故障，{text}，师傅正在抢修。"


class CallersHouse:
    """Implements the dialogs' House for one call, within one transaction."""

    def __init__(self, uow: UnitOfWork, context: Context, call: Call) -> None:
        self._uow, self._context, self._call = uow, context, call
        self._now = context.clock.local()

    @property
    def phone(self) -> str:
        return str(self._context.phone(self._call.caller) or "")

    @property
    def address(self) -> str:
        return self._customer.address if self._customer is not None else ""

    @property
    def last4(self) -> str:
        return self._customer.id_last4 if self._customer is not None else ""

    @cached_property
    def bill(self) -> str:
        customer = self._customer
        if customer is None:
            return ""
        owes = f"欠费{yuan(customer.arrears_fen)}元" if customer.arrears_fen else "没有欠费"
        day = customer.expires_on
        until = f"{day.year}年{day.month}月{day.day}日"
        plan = self._plan_of(customer)
        price = yuan(plan.monthly_fen)
        return BILL.format(plan=plan.name, price=price, until=until, owes=owes)

    @cached_property
    def outage(self) -> str:
        grid_id = self._customer.grid_id if self._customer is not None else None
        now = self._context.clock.now()
        for row in self._uow.find(Outage, grid_id=grid_id) if grid_id is not None else ():
            if row.ended_at is None and row.until > now:
                return OUTAGE.format(text=row.text)
        return ""

    @cached_property
    def staffed(self) -> bool:
        return self._context.hours.is_open(self._now) and bool(self._uow.staffed_agents())

    @cached_property
    def on_duty(self) -> bool:
        name = self._context.on_duty
        return bool(name and self._uow.find(User, name=name, active=True))

    @property
    def hour(self) -> int:
        return self._now.hour

    @property
    def trees(self) -> tuple[FaultTree, ...]:
        return self._context.content.current().faults

    @cached_property
    def stopping(self) -> bool:
        """A case of the household that is open, proceeding, or at the technician's door."""
        customer = self._customer
        cases = self._uow.find(RetentionCase, customer_id=customer.id) if customer else ()
        return any(CasePhase(case.phase) in _UNDER_WAY for case in cases)

    def answer_of(self, entry: str) -> str:
        found = self._context.content.current().faq_entry(entry)
        return (found.spoken or found.answer) if found is not None else ""

    def offer_for(self, reason: str) -> tuple[str, str] | None:
        """The best offer in the customer's own figures; never one that was made before."""
        customer = self._customer
        if customer is None or not reason or reason in NO_OFFER_REASONS:
            return None
        plan = self._plan_of(customer)
        offers = self._fitting(customer, plan, reason)
        return (offers[0].code, in_figures(offers[0], plan.monthly_fen).words) if offers else None

    def _fitting(self, customer: Customer, plan: Plan, reason: str) -> Sequence[Offer]:
        today = self._now.date()
        sold_out = stock.sold_out(self._uow)
        subject = replace(offer_subject(customer, plan, today), sold_out=sold_out)
        made = set(self._uow.offers_made(customer.id or 0))
        return fitting(self._context.content.current().offers, subject, reason, made, today)

    @cached_property
    def _customer(self) -> Customer | None:
        return self._uow.get(Customer, self._call.customer_id) if self._call.customer_id else None

    def _plan_of(self, customer: Customer) -> Plan:
        return require(self._uow, Plan, customer.plan_code)
