"""Reads of households."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app.adapters.db.calls import tables as calls_tables
from app.adapters.db.households.tables import customer_phones, customers, short_messages
from app.adapters.db.reads import SqlReads, rows
from app.domain.calls.phone_number import parse_phone
from app.service.callbacks.records import Voicemail
from app.service.calls.records import Call
from app.service.field.records import FieldTicket, Grid
from app.service.households.queries import CustomerView
from app.service.households.records import Customer, CustomerPhone, Plan, ShortMessage
from app.service.people.records import User
from app.service.retention.records import OfferTrial

#: How many calls of a household are looked at.
CONTACTS = 20


def household(session: Session, customer_id: int | None) -> CustomerView | None:
    """A customer with all that the agent looks at."""
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is None:
        return None
    plan = session.get(Plan, customer.plan_code)
    grid = session.get(Grid, customer.grid_id)
    assert plan is not None and grid is not None  # noqa: PT018, S101  foreign keys
    contacts = session.scalars(
        select(Call)
        .filter_by(customer_id=customer.id)
        .order_by(calls_tables.calls.c.started_at.desc())
        .limit(CONTACTS)
    ).all()
    owned = {"customer_id": customer.id}
    return CustomerView(
        customer=customer,
        plan=plan,
        grid=grid,
        technician=session.get(User, grid.technician_id) if grid.technician_id else None,
        phones=[p.phone for p in rows(session, CustomerPhone, **owned)],
        contacts=contacts,
        tickets=rows(session, FieldTicket, **owned),
        trials=rows(session, OfferTrial, **owned),
        voicemails=rows(session, Voicemail, **owned),
        messages=_messages(session, [call.id for call in contacts]),
    )


def _messages(session: Session, calls: list[str]) -> Sequence[ShortMessage]:
    query = select(ShortMessage).where(short_messages.c.call_id.in_(calls))
    return session.scalars(query.order_by(short_messages.c.id)).all()


class SqlHouseholdQueries(SqlReads):
    """SQL behind the port HouseholdQueries: households and their numbers."""

    def customer(self, customer_id: int) -> CustomerView | None:
        with self._session() as session:
            return household(session, customer_id)

    def find_customers(self, text: str, limit: int = 20) -> Sequence[Customer]:
        """By what an index finds (number, name, account, card), else by part of the address."""
        c, phone = customers.c, customer_phones.c.phone
        number = parse_phone(text, self._area_code)
        forms = number.spellings(self._area_code) if number is not None else ()
        of_phone = select(customer_phones.c.customer_id)
        wanted = (
            select(c.id).where(c.account_no == text.upper()),
            select(c.id).where(c.smart_card == text),
            of_phone.where(phone.in_(forms)).limit(limit),
            of_phone.where(self._begins(phone, text)).limit(limit),
            select(c.id).where(self._begins(c.name, text)).limit(limit),
        )
        with self._session() as session:
            found: dict[int, None] = {}
            for query in wanted:
                found |= dict.fromkeys(session.scalars(query))
            if not found:
                inside = select(c.id).where(c.address.contains(text, autoescape=True)).limit(limit)
                found = dict.fromkeys(session.scalars(inside))
            query = select(Customer).where(c.id.in_(list(found)[:limit])).order_by(c.id)
            return session.scalars(query).all()

    def _begins(self, column: Any, text: str) -> Any:
        """SQLite answers LIKE without the index; elsewhere the collation may not order by code."""
        if self._engine.dialect.name == "sqlite":
            return and_(column >= text, column < text + "\uffff")
        return column.startswith(text, autoescape=True)

    def plans(self) -> Sequence[Plan]:
        with self._session() as session:
            return rows(session, Plan)
