"""Reads of calls."""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as day_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.adapters.db import word_index
from app.adapters.db.calls.tables import calls, card_fates, utterances
from app.adapters.db.calls.view import CallReader
from app.adapters.db.households.tables import customers
from app.adapters.db.people.tables import users
from app.adapters.db.reads import SqlReads
from app.adapters.db.retention.queries import OfferSuccess
from app.adapters.db.retention.tables import retention_cases
from app.service.calls.queries import CallFilter, CallRow, CallView, CorrectedUtterance
from app.service.calls.records import Call, Utterance
from app.service.households.records import Customer
from app.service.people.records import User
from app.service.retention.records import RetentionCase

#: A search of words: utterances and calls looked at at once, and how often at most.
_BATCH, _CALLS_AT_ONCE, _MOST_BATCHES = 200, 250, 20


class SqlCallQueries(SqlReads):
    """See CallQueries. ``zone`` turns days of the calendar into moments."""

    def __init__(self, engine: Engine, zone: str, area_code: str = "") -> None:
        super().__init__(engine, area_code)
        self._zone = ZoneInfo(zone)
        self._success = OfferSuccess()

    def _moment(self, day: Any, add_days: int = 0) -> datetime:
        local = datetime.combine(day, day_time.min, self._zone) + timedelta(days=add_days)
        return local.astimezone(UTC)

    def _filtered(self, query: Any, wanted: CallFilter) -> Any:
        c = calls.c
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
            select(func.max(retention_cases.c.id))
            .where(retention_cases.c.call_id == calls.c.id)
            .correlate(calls)
            .scalar_subquery()
        )
        query = (
            select(Call, Customer, User, RetentionCase)
            .outerjoin(customers, customers.c.id == calls.c.customer_id)
            .outerjoin(users, users.c.id == calls.c.agent_id)
            .outerjoin(retention_cases, retention_cases.c.id == newest_case)
            .order_by(calls.c.started_at.desc())
            .limit(wanted.limit)
        )
        query = self._filtered(query, wanted)
        with self._session() as session:
            if not wanted.text:
                return [CallRow(*row) for row in session.execute(query)]
            return self._saying(session, query, wanted)

    def _saying(self, session: Session, query: Any, wanted: CallFilter) -> list[CallRow]:
        """Calls of a number, and calls in which something was said."""
        c, found = calls.c, dict[str, CallRow]()

        def take(condition: Any) -> None:
            for row in session.execute(query.where(condition)):
                found[row[0].id] = CallRow(*row)

        if wanted.text.isdigit():
            take(c.caller.contains(wanted.text, autoescape=True))
        narrow = wanted.agent_id or wanted.intent or wanted.first_day or wanted.last_day
        said = self._said_in if narrow else self._said_anywhere
        for found_in in said(session, wanted):
            take(c.id.in_(found_in))
            if len(found) >= wanted.limit:
                break
        rows = sorted(found.values(), key=lambda row: row.call.started_at, reverse=True)
        return rows[: wanted.limit]

    def _said_anywhere(self, session: Session, wanted: CallFilter) -> Iterator[set[str]]:
        """Calls by the index of words, the newest utterances first."""
        below: int | None = None
        for _ in range(_MOST_BATCHES):
            ids = word_index.matching(session, wanted.text, below, _BATCH)
            said = select(utterances.c.call_id).where(utterances.c.id.in_(ids))
            yield set(session.scalars(said)) if ids else set()
            if len(ids) < _BATCH:
                return
            below = ids[-1]

    def _said_in(self, session: Session, wanted: CallFilter) -> Iterator[set[str]]:
        """Calls that the other filters leave, newest first, each looked through."""
        c, u = calls.c, utterances.c
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

    def call(self, call_id: str) -> CallView | None:
        with self._session() as session:
            return CallReader(session, self._success, self._area_code).whole(call_id)

    def call_again(
        self, view: CallView, changed: frozenset[str], said: Collection[int]
    ) -> CallView:  # fmt: skip
        with self._session() as session:
            return CallReader(session, self._success, self._area_code).again(view, changed, said)

    def utterance(self, utterance_id: int) -> Utterance | None:
        with self._session() as session:
            return session.get(Utterance, utterance_id)

    def corrected_words(self, since: datetime, limit: int) -> Sequence[CorrectedUtterance]:
        query = (
            select(Utterance, calls.c.started_at)
            .join(calls, calls.c.id == utterances.c.call_id)
            .where(utterances.c.right_text != "", calls.c.started_at >= since)
            .order_by(calls.c.started_at.desc(), utterances.c.id)
            .limit(limit)
        )
        with self._session() as session:
            return [CorrectedUtterance(said, at) for said, at in session.execute(query)]

    def day(self, agent_id: int, since: datetime) -> Sequence[Call]:
        query = (
            select(Call)
            .filter_by(agent_id=agent_id)
            .where(calls.c.started_at >= since)
            .order_by(calls.c.started_at.desc())
        )
        with self._session() as session:
            return session.scalars(query).all()

    def card_figures(self, since: datetime) -> dict[str, dict[str, int]]:
        c = card_fates.c
        query = select(c.intent, c.fate, func.count()).where(c.shown_at >= since)
        figures: dict[str, dict[str, int]] = {}
        with self._session() as session:
            for intent, fate, count in session.execute(query.group_by(c.intent, c.fate)):
                one = figures.setdefault(intent.partition(".")[0], {"shown": 0})
                one["shown"] += count
                if fate not in ("shown", "front"):
                    one[fate] = one.get(fate, 0) + count
        return figures
