"""Reads of the field."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, select

from app.adapters.db.field.tables import field_tickets, grids, outages
from app.adapters.db.households.tables import customers
from app.adapters.db.people.tables import users
from app.adapters.db.reads import SqlReads, rows
from app.service.field.queries import TicketFilter, TicketRow
from app.service.field.records import FieldTicket, Grid, Outage, TicketStep
from app.service.households.records import Customer
from app.service.people.records import User


def lasting_outages() -> Select[Outage]:
    now = datetime.now(UTC)
    return select(Outage).where(outages.c.until > now, outages.c.ended_at.is_(None))


class SqlFieldQueries(SqlReads):
    """SQL behind the port FieldQueries: tickets, grids and outages."""

    def _ticket_rows(self) -> Any:
        f = field_tickets.c
        return (
            select(FieldTicket, Grid, User, Customer)
            .join(grids, grids.c.id == f.grid_id)
            .outerjoin(users, users.c.id == f.technician_id)
            .outerjoin(customers, customers.c.id == f.customer_id)
        )

    def tickets(self, wanted: TicketFilter) -> Sequence[TicketRow]:
        f = field_tickets.c
        conditions = []
        if wanted.technician_id is not None:
            conditions.append(f.technician_id == wanted.technician_id)
        if wanted.state:
            conditions.append(f.state == wanted.state)
        if wanted.kind:
            conditions.append(f.kind == wanted.kind)
        query = self._ticket_rows().where(and_(True, *conditions))
        query = query.order_by(f.created_at.desc(), f.id.desc()).limit(wanted.limit)
        with self._session() as session:
            return [TicketRow(*row) for row in session.execute(query)]

    def ticket(self, ticket_id: int) -> tuple[TicketRow, Sequence[TicketStep]] | None:
        with self._session() as session:
            query = self._ticket_rows().where(field_tickets.c.id == ticket_id)
            row = session.execute(query).first()
            if row is None:
                return None
            return TicketRow(*row), rows(session, TicketStep, ticket_id=ticket_id)

    def grids(self) -> Sequence[Grid]:
        with self._session() as session:
            return rows(session, Grid)

    def outages(self) -> Sequence[tuple[Outage, Grid]]:
        with self._session() as session:
            rows = session.scalars(lasting_outages().order_by(outages.c.since)).all()
            found = [(row, session.get(Grid, row.grid_id)) for row in rows]
            return [(row, grid) for row, grid in found if grid is not None]
