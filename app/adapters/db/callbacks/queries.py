"""Reads of voice messages, call-backs and tasks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adapters.db.callbacks.tables import callbacks, tasks, voicemails
from app.adapters.db.households.tables import customers
from app.adapters.db.people.tables import users
from app.adapters.db.reads import SqlReads
from app.domain.callbacks.callback import WAITING, Waiting, rank
from app.service.callbacks.queries import CallbackRow, TaskRow, VoicemailRow
from app.service.callbacks.records import Callback, Task, Voicemail
from app.service.households.records import Customer
from app.service.people.records import User


def _waiting(
    row: Callback, customer: Customer | None, now: datetime
) -> Waiting:  # fmt: skip
    due_in = (row.due_at - now).total_seconds() if row.due_at is not None else None
    months = (now.date() - customer.since).days // 30 if customer is not None else 0
    return Waiting(
        row.intent, (now - row.created_at).total_seconds(), due_in, months,
        customer.arrears_fen if customer is not None else 0, row.messages,
    )  # fmt: skip


class SqlCallbackQueries(SqlReads):
    """SQL behind the port CallbackQueries: callbacks, voice messages and tasks."""

    def voicemails(self, limit: int = 100) -> Sequence[VoicemailRow]:
        v = voicemails.c
        query = self._voicemail_rows().where(v.state != "recording")
        query = query.order_by((v.state == "done"), v.received_at.desc()).limit(limit)
        with self._session() as session:
            return [VoicemailRow(*row) for row in session.execute(query)]

    def _voicemail_rows(self) -> Any:
        v = voicemails.c
        return (
            select(Voicemail, Customer, User)
            .outerjoin(customers, customers.c.id == v.customer_id)
            .outerjoin(users, users.c.id == v.claimed_by)
        )

    def voicemail(self, voicemail_id: int) -> VoicemailRow | None:
        with self._session() as session:
            query = self._voicemail_rows().where(voicemails.c.id == voicemail_id)
            row = session.execute(query).first()
            return VoicemailRow(*row) if row is not None else None

    def voicemails_open(self) -> int:
        query = select(func.count()).where(voicemails.c.state.not_in(("recording", "done")))
        with self._session() as session:
            return int(session.scalar(query) or 0)

    def tasks_open(self, agent_id: int) -> int:
        k = tasks.c
        query = select(func.count()).where(k.agent_id == agent_id, k.state == "open")
        with self._session() as session:
            return int(session.scalar(query) or 0)

    def tasks(self, agent_id: int) -> Sequence[TaskRow]:
        query = select(Task).filter_by(agent_id=agent_id, state="open").order_by(tasks.c.due_at)
        with self._session() as session:
            return [
                TaskRow(
                    task,
                    session.get(Customer, task.customer_id) if task.customer_id else None,
                )
                for task in session.scalars(query)
            ]

    def _callback_rows(self, session: Session, query: Any) -> list[CallbackRow]:
        k = callbacks.c
        joined = query.outerjoin(customers, customers.c.id == k.customer_id).outerjoin(
            users, users.c.id == k.claimed_by
        )
        now = datetime.now(UTC)
        return [
            CallbackRow(row, customer, user, rank(_waiting(row, customer, now)))
            for row, customer, user in session.execute(joined)
        ]

    def callbacks(self, limit: int = 200) -> Sequence[CallbackRow]:
        k = callbacks.c
        query = select(Callback, Customer, User)
        query = query.where(k.state.in_(WAITING)).order_by(k.created_at).limit(limit)
        with self._session() as session:
            rows = self._callback_rows(session, query)
        return sorted(rows, key=lambda row: (-row.points, row.callback.created_at))

    def callbacks_waiting(self, now: datetime) -> tuple[int, int]:
        k = callbacks.c
        waiting = select(func.count(), func.count().filter(k.due_at < now))
        with self._session() as session:
            row = session.execute(waiting.where(k.state.in_(WAITING))).one()
        return int(row[0]), int(row[1])

    def closed_callbacks(self, limit: int = 30) -> Sequence[CallbackRow]:
        k = callbacks.c
        query = select(Callback, Customer, User)
        query = query.where(k.closed_at.is_not(None)).order_by(k.closed_at.desc()).limit(limit)
        with self._session() as session:
            return self._callback_rows(session, query)
