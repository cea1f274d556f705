"""Reads for pages and programs."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from math import inf
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Select, and_, func, select
from sqlalchemy.orm import Session

from app.adapters.db import tables as t
from app.adapters.db import word_index
from app.domain.callbacks.callback import WAITING, Waiting, rank
from app.domain.calls.machine import Phase
from app.domain.people.permission import Permission, roles_with
from app.domain.retention.case import CasePhase
from app.domain.retention.offer import Measured
from app.service.callbacks.queries import CallbackRow, TaskRow, VoicemailRow
from app.service.callbacks.records import Callback, Task, Voicemail
from app.service.calls.queries import CallFilter, CallRow, CallView
from app.service.calls.records import Call, CallEvent, CardFate, Utterance
from app.service.field.queries import TicketFilter, TicketRow
from app.service.field.records import FaultGuide, FieldTicket, Grid, Outage, TicketStep
from app.service.households.queries import CustomerView
from app.service.households.records import Customer, CustomerPhone, Plan, ShortMessage
from app.service.people.records import ApiToken, User, WebSession
from app.service.queue.queries import AgentRow
from app.service.queue.records import AgentPresence
from app.service.retention.records import Disclosure, OfferStock, OfferTrial, RetentionCase
from app.service.robot.records import DialogVersion, RobotTalk

R = TypeVar("R")
CONTACTS = 20
#: A search of words: utterances and calls looked at at once, and how often at most.
_BATCH, _CALLS_AT_ONCE, _MOST_BATCHES = 200, 250, 20
#: How far back the answers to offers are counted, and how long a count is good.
SUCCESS_SINCE, COUNTED_FOR_S = timedelta(days=180), 60.0


def _lasting() -> Select[Outage]:
    now = datetime.now(UTC)
    return select(Outage).where(t.outages.c.until > now, t.outages.c.ended_at.is_(None))


def _sold_out() -> Select[OfferStock]:
    return select(OfferStock).where(t.offer_stock.c.left <= 0)


def _waiting(
    row: Callback, customer: Customer | None, now: datetime
) -> Waiting:  # fmt: skip
    due_in = (row.due_at - now).total_seconds() if row.due_at is not None else None
    months = (now.date() - customer.since).days // 30 if customer is not None else 0
    return Waiting(
        row.intent, (now - row.created_at).total_seconds(), due_in, months,
        customer.arrears_fen if customer is not None else 0, row.messages,
    )  # fmt: skip


class SqlQueries:
    """See the Queries protocol. ``zone`` turns days of the calendar into moments."""

    def __init__(self, engine: Engine, zone: str) -> None:
        self._engine = engine.execution_options(read_only=True)
        self._zone = ZoneInfo(zone)
        self._counted: dict[str, tuple[float, dict[str, Measured]]] = {}

    def _session(self) -> Session:
        return Session(self._engine, expire_on_commit=False)

    # -- people ------------------------------------------------------------------------------

    def user_by_name(self, name: str) -> User | None:
        with self._session() as session:
            return session.scalar(select(User).filter_by(name=name, active=True))

    def user(self, user_id: int) -> User | None:
        with self._session() as session:
            return session.get(User, user_id)

    def agents(self) -> Sequence[AgentRow]:
        query = (
            select(User, AgentPresence)
            .outerjoin(t.agent_presence, t.agent_presence.c.user_id == t.users.c.id)
            .where(t.users.c.role.in_(roles_with(Permission.TAKE_CALLS)), t.users.c.active)
            .order_by(t.users.c.name)
        )
        with self._session() as session:
            return [AgentRow(*row) for row in session.execute(query)]

    def session_user(self, token_hash: str, now: datetime) -> User | None:
        with self._session() as session:
            found = session.get(WebSession, token_hash)
            if found is None or found.expires_at <= now:
                return None
            user = session.get(User, found.user_id)
            return user if user is not None and user.active else None

    def token(self, token_hash: str) -> ApiToken | None:
        query = select(ApiToken).filter_by(token_hash=token_hash, revoked_at=None)
        with self._session() as session:
            return session.scalar(query)

    # -- calls -------------------------------------------------------------------------------

    def _moment(self, day: Any, add_days: int = 0) -> datetime:
        local = datetime.combine(day, day_time.min, self._zone) + timedelta(days=add_days)
        return local.astimezone(UTC)

    def _filtered(self, query: Any, wanted: CallFilter) -> Any:
        c = t.calls.c
        if wanted.agent_id is not None:
            query = query.where(c.agent_id == wanted.agent_id)
        if wanted.intent:
            query = query.where(c.intent.startswith(wanted.intent, autoescape=True))
        if wanted.first_day:
            query = query.where(c.started_at >= self._moment(wanted.first_day))
        if wanted.last_day:
            query = query.where(c.started_at < self._moment(wanted.last_day, 1))
        if wanted.before:
            query = query.where(c.started_at < wanted.before)
        return query

    def calls(self, wanted: CallFilter) -> Sequence[CallRow]:
        newest_case = (
            select(func.max(t.retention_cases.c.id))
            .where(t.retention_cases.c.call_id == t.calls.c.id)
            .correlate(t.calls)
            .scalar_subquery()
        )
        query = (
            select(Call, Customer, User, RetentionCase)
            .outerjoin(t.customers, t.customers.c.id == t.calls.c.customer_id)
            .outerjoin(t.users, t.users.c.id == t.calls.c.agent_id)
            .outerjoin(t.retention_cases, t.retention_cases.c.id == newest_case)
            .order_by(t.calls.c.started_at.desc())
            .limit(wanted.limit)
        )
        query = self._filtered(query, wanted)
        with self._session() as session:
            if not wanted.text:
                return [CallRow(*row) for row in session.execute(query)]
            return self._saying(session, query, wanted)

    def _saying(self, session: Session, query: Any, wanted: CallFilter) -> list[CallRow]:
        """Calls of a number, and calls in which something was said."""
        c, found = t.calls.c, dict[str, CallRow]()

        def take(condition: Any) -> None:
            for row in session.execute(query.where(condition)):
                found[row[0].id] = CallRow(*row)

        if wanted.text.isdigit():
            take(c.caller.contains(wanted.text, autoescape=True))
        narrow = wanted.agent_id or wanted.intent or wanted.first_day or wanted.last_day
        said = self._said_in if narrow else self._said_anywhere
        for calls in said(session, wanted):
            take(c.id.in_(calls))
            if len(found) >= wanted.limit:
                break
        rows = sorted(found.values(), key=lambda row: row.call.started_at, reverse=True)
        return rows[: wanted.limit]

    def _said_anywhere(self, session: Session, wanted: CallFilter) -> Iterator[set[str]]:
        """Calls by the index of words, the newest utterances first."""
        below: int | None = None
        for _ in range(_MOST_BATCHES):
            ids = word_index.matching(session, wanted.text, below, _BATCH)
            said = select(t.utterances.c.call_id).where(t.utterances.c.id.in_(ids))
            yield set(session.scalars(said)) if ids else set()
            if len(ids) < _BATCH:
                return
            below = ids[-1]

    def _said_in(self, session: Session, wanted: CallFilter) -> Iterator[set[str]]:
        """Calls that the other filters leave, newest first, each looked through."""
        c, u = t.calls.c, t.utterances.c
        before: datetime | None = None
        for _ in range(_MOST_BATCHES):
            query = self._filtered(select(c.id, c.started_at), wanted)
            if before is not None:
                query = query.where(c.started_at < before)
            rows = session.execute(query.order_by(c.started_at.desc()).limit(_CALLS_AT_ONCE)).all()
            if not rows:
                return
            said = select(u.call_id).where(
                u.call_id.in_([row.id for row in rows]),
                u.text.contains(wanted.text, autoescape=True),
            )
            yield set(session.scalars(said))
            before = rows[-1].started_at

    def _all(self, session: Session, record: type[R], **equal: object) -> Sequence[R]:
        table = t.table_of(record)
        query = select(record).filter_by(**equal).order_by(*table.primary_key.columns)
        return session.scalars(query).all()

    def call(self, call_id: str) -> CallView | None:
        with self._session() as session:
            call = session.get(Call, call_id)
            if call is None:
                return None
            cases = self._all(session, RetentionCase, call_id=call_id)
            meant = [case for case in cases if case.phase != CasePhase.MISHEARD]
            case = meant[-1] if meant else None
            voicemails = self._all(session, Voicemail, call_id=call_id)
            utterances = session.scalars(
                select(Utterance)
                .filter_by(call_id=call_id)
                .order_by(t.utterances.c.start_ms, t.utterances.c.id)
            ).all()
            return CallView(
                call,
                session.get(User, call.agent_id) if call.agent_id else None,
                self._customer(session, call.customer_id),
                self._candidates(session, call.caller),
                utterances,
                self._all(session, CallEvent, call_id=call_id),
                case,
                self._all(session, OfferTrial, case_id=case.id) if case else (),
                self._all(session, FieldTicket, call_id=call_id),
                voicemails[0] if voicemails else None,
                self._all(session, Disclosure, call_id=call_id),
                self._all(session, FaultGuide, call_id=call_id),
                self._outage(session, call.customer_id),
                self._all(session, ShortMessage, call_id=call_id),
                self._all(session, CardFate, call_id=call_id),
                self._success(session, case.reason) if case is not None and case.reason else {},
                frozenset(row.item for row in session.scalars(_sold_out())),
                self._all(session, Plan),
                session.get(RobotTalk, call_id),
            )

    def _success(self, session: Session, reason: str) -> dict[str, Measured]:
        """How offers fared for a reason of late; counted anew once a minute."""
        now = time.monotonic()
        counted_at, known = self._counted.get(reason, (-inf, {}))
        if now - counted_at < COUNTED_FOR_S:
            return known
        o, case = t.offer_trials.c, t.retention_cases
        query = (
            select(o.offer, o.outcome, func.count())
            .join(case, case.c.id == o.case_id)
            .where(case.c.reason == reason, o.outcome.in_(("accepted", "declined")))
            .where(o.shown_at >= datetime.now(UTC) - SUCCESS_SINCE)
            .group_by(o.offer, o.outcome)
        )
        counts: dict[str, dict[str, int]] = {}
        for offer, outcome, count in session.execute(query):
            counts.setdefault(offer, {})[outcome] = count
        measured = {
            offer: Measured(one.get("accepted", 0), sum(one.values()))
            for offer, one in counts.items()
        }
        self._counted[reason] = (now, measured)
        return measured

    def _callback_rows(self, session: Session, query: Any) -> list[CallbackRow]:
        k = t.callbacks.c
        joined = query.outerjoin(t.customers, t.customers.c.id == k.customer_id).outerjoin(
            t.users, t.users.c.id == k.claimed_by
        )
        now = datetime.now(UTC)
        return [
            CallbackRow(row, customer, user, rank(_waiting(row, customer, now)))
            for row, customer, user in session.execute(joined)
        ]

    def callbacks(self, limit: int = 200) -> Sequence[CallbackRow]:
        k = t.callbacks.c
        query = select(Callback, Customer, User)
        query = query.where(k.state.in_(WAITING)).order_by(k.created_at).limit(limit)
        with self._session() as session:
            rows = self._callback_rows(session, query)
        return sorted(rows, key=lambda row: (-row.points, row.callback.created_at))

    def callbacks_waiting(self, now: datetime) -> tuple[int, int]:
        k = t.callbacks.c
        waiting = select(func.count(), func.count().filter(k.due_at < now))
        with self._session() as session:
            row = session.execute(waiting.where(k.state.in_(WAITING))).one()
        return int(row[0]), int(row[1])

    def closed_callbacks(self, limit: int = 30) -> Sequence[CallbackRow]:
        k = t.callbacks.c
        query = select(Callback, Customer, User)
        query = query.where(k.closed_at.is_not(None)).order_by(k.closed_at.desc()).limit(limit)
        with self._session() as session:
            return self._callback_rows(session, query)

    def robot_figures(self, since: datetime) -> Sequence[tuple[str, str, str, int]]:
        r = t.robot_talks.c
        query = select(r.task, r.outcome, r.place, func.count()).where(r.started_at >= since)
        with self._session() as session:
            rows = session.execute(query.group_by(r.task, r.outcome, r.place)).all()
        return [(str(a), str(b), str(c), int(n)) for a, b, c, n in rows]

    def dialog_versions(self, limit: int = 20) -> Sequence[DialogVersion]:
        newest = t.dialog_versions.c.id.desc()
        query = select(DialogVersion).order_by(newest).limit(limit)
        with self._session() as session:
            return session.scalars(query).all()

    def stock(self) -> Sequence[OfferStock]:
        with self._session() as session:
            return self._all(session, OfferStock)

    def card_figures(self, since: datetime) -> dict[str, dict[str, int]]:
        c = t.card_fates.c
        query = select(c.intent, c.fate, func.count()).where(c.shown_at >= since)
        figures: dict[str, dict[str, int]] = {}
        with self._session() as session:
            for intent, fate, count in session.execute(query.group_by(c.intent, c.fate)):
                one = figures.setdefault(intent.partition(".")[0], {"shown": 0})
                one["shown"] += count
                if fate not in ("shown", "front"):
                    one[fate] = one.get(fate, 0) + count
        return figures

    def current_call(self, agent_id: int) -> str | None:
        with self._session() as session:
            presence = session.get(AgentPresence, agent_id)
            return presence.call_id if presence is not None else None

    def utterance(self, utterance_id: int) -> Utterance | None:
        with self._session() as session:
            return session.get(Utterance, utterance_id)

    def _outage(self, session: Session, customer_id: int | None) -> Outage | None:
        """What is known to be down where the customer lives."""
        customer = session.get(Customer, customer_id) if customer_id else None
        if customer is None:
            return None
        return session.scalars(
            _lasting().filter_by(grid_id=customer.grid_id).order_by(t.outages.c.since.desc())
        ).first()

    def outages(self) -> Sequence[tuple[Outage, Grid]]:
        with self._session() as session:
            rows = session.scalars(_lasting().order_by(t.outages.c.since)).all()
            found = [(row, session.get(Grid, row.grid_id)) for row in rows]
            return [(row, grid) for row, grid in found if grid is not None]

    def tasks(self, agent_id: int) -> Sequence[TaskRow]:
        query = select(Task).filter_by(agent_id=agent_id, state="open").order_by(t.tasks.c.due_at)
        with self._session() as session:
            return [
                TaskRow(
                    task,
                    session.get(Customer, task.customer_id) if task.customer_id else None,
                )
                for task in session.scalars(query)
            ]

    def day(self, agent_id: int, since: datetime) -> Sequence[Call]:
        query = (
            select(Call)
            .filter_by(agent_id=agent_id)
            .where(t.calls.c.started_at >= since)
            .order_by(t.calls.c.started_at.desc())
        )
        with self._session() as session:
            return session.scalars(query).all()

    def waiting(self) -> int:
        query = select(func.count()).where(t.calls.c.phase == Phase.QUEUED)
        with self._session() as session:
            return int(session.scalar(query) or 0)

    # -- customers ---------------------------------------------------------------------------

    def _candidates(self, session: Session, phone: str) -> Sequence[Customer]:
        query = (
            select(Customer)
            .join(t.customer_phones, t.customer_phones.c.customer_id == t.customers.c.id)
            .where(t.customer_phones.c.phone == phone)
            .order_by(t.customers.c.id)
        )
        return session.scalars(query).all()

    def _customer(self, session: Session, customer_id: int | None) -> CustomerView | None:
        customer = session.get(Customer, customer_id) if customer_id else None
        if customer is None:
            return None
        plan = session.get(Plan, customer.plan_code)
        grid = session.get(Grid, customer.grid_id)
        assert plan is not None and grid is not None  # noqa: PT018, S101  foreign keys
        technician = session.get(User, grid.technician_id) if grid.technician_id else None
        contacts = session.scalars(
            select(Call)
            .filter_by(customer_id=customer.id)
            .order_by(t.calls.c.started_at.desc())
            .limit(CONTACTS)
        ).all()
        phones = [p.phone for p in self._all(session, CustomerPhone, customer_id=customer.id)]
        return CustomerView(
            customer, plan, grid, technician, phones, contacts,
            self._all(session, FieldTicket, customer_id=customer.id),
            self._all(session, OfferTrial, customer_id=customer.id),
            self._all(session, Voicemail, customer_id=customer.id),
            self._messages(session, [call.id for call in contacts]),
        )  # fmt: skip

    def _messages(self, session: Session, calls: list[str]) -> Sequence[ShortMessage]:
        query = select(ShortMessage).where(t.short_messages.c.call_id.in_(calls))
        return session.scalars(query.order_by(t.short_messages.c.id)).all()

    def customer(self, customer_id: int) -> CustomerView | None:
        with self._session() as session:
            return self._customer(session, customer_id)

    def find_customers(self, text: str, limit: int = 20) -> Sequence[Customer]:
        """By what an index finds (number, name, account, card), else by part of the address."""
        c, phone = t.customers.c, t.customer_phones.c.phone
        by_phone = select(t.customer_phones.c.customer_id).where(self._begins(phone, text))
        wanted = (
            select(c.id).where(c.account_no == text.upper()),
            select(c.id).where(c.smart_card == text),
            by_phone.limit(limit),
            select(c.id).where(self._begins(c.name, text)).limit(limit),
        )
        with self._session() as session:
            found: dict[int, None] = {}
            for query in wanted:
                found |= dict.fromkeys(session.scalars(query))
            if not found:
                query = select(c.id).where(c.address.contains(text, autoescape=True)).limit(limit)
                found = dict.fromkeys(session.scalars(query))
            rows = select(Customer).where(c.id.in_(list(found)[:limit])).order_by(c.id)
            return session.scalars(rows).all()

    def _begins(self, column: Any, text: str) -> Any:
        """SQLite answers LIKE without the index; elsewhere the collation may not order by code."""
        if self._engine.dialect.name == "sqlite":
            return and_(column >= text, column < text + "\uffff")
        return column.startswith(text, autoescape=True)

    def plans(self) -> Sequence[Plan]:
        with self._session() as session:
            return self._all(session, Plan)

    def grids(self) -> Sequence[Grid]:
        with self._session() as session:
            return self._all(session, Grid)

    # -- tickets and messages ----------------------------------------------------------------

    def _ticket_rows(self) -> Any:
        f = t.field_tickets.c
        return (
            select(FieldTicket, Grid, User, Customer)
            .join(t.grids, t.grids.c.id == f.grid_id)
            .outerjoin(t.users, t.users.c.id == f.technician_id)
            .outerjoin(t.customers, t.customers.c.id == f.customer_id)
        )

    def tickets(self, wanted: TicketFilter) -> Sequence[TicketRow]:
        f = t.field_tickets.c
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
            query = self._ticket_rows().where(t.field_tickets.c.id == ticket_id)
            row = session.execute(query).first()
            if row is None:
                return None
            return TicketRow(*row), self._all(session, TicketStep, ticket_id=ticket_id)

    def _voicemail_rows(self) -> Any:
        v = t.voicemails.c
        return (
            select(Voicemail, Customer, User)
            .outerjoin(t.customers, t.customers.c.id == v.customer_id)
            .outerjoin(t.users, t.users.c.id == v.claimed_by)
        )

    def voicemails(self, limit: int = 100) -> Sequence[VoicemailRow]:
        v = t.voicemails.c
        query = self._voicemail_rows().where(v.state != "recording")
        query = query.order_by((v.state == "done"), v.received_at.desc()).limit(limit)
        with self._session() as session:
            return [VoicemailRow(*row) for row in session.execute(query)]

    def voicemail(self, voicemail_id: int) -> VoicemailRow | None:
        with self._session() as session:
            query = self._voicemail_rows().where(t.voicemails.c.id == voicemail_id)
            row = session.execute(query).first()
            return VoicemailRow(*row) if row is not None else None
