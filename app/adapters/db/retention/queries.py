"""Reads of retention."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adapters.db.reads import SqlReads, rows
from app.adapters.db.retention.tables import offer_stock, offer_trials, retention_cases
from app.domain.retention.offer import Measured
from app.service.retention.records import OfferStock

#: How far back the answers to offers are counted, and how long a count is good.
SUCCESS_SINCE, COUNTED_FOR_S = timedelta(days=180), 60.0


class SqlRetentionQueries(SqlReads):
    """SQL behind the port RetentionQueries: offers and what is left of them."""

    def stock(self) -> Sequence[OfferStock]:
        with self._session() as session:
            return rows(session, OfferStock)


def sold_out(session: Session) -> frozenset[str]:
    """What offers hand over and is not there any more."""
    return frozenset(session.scalars(select(offer_stock.c.item).where(offer_stock.c.left <= 0)))


class OfferSuccess:
    """How offers fared for a reason of late; counted anew once a minute."""

    def __init__(self) -> None:
        self._counted: dict[str, tuple[float, dict[str, Measured]]] = {}

    def of(self, session: Session, reason: str) -> dict[str, Measured]:
        now = time.monotonic()
        counted_at, known = self._counted.get(reason, (-inf, {}))
        if now - counted_at < COUNTED_FOR_S:
            return known
        counts: dict[str, dict[str, int]] = {}
        for offer, outcome, count in session.execute(_answers(reason)):
            counts.setdefault(offer, {})[outcome] = count
        measured = {
            offer: Measured(one.get("accepted", 0), sum(one.values()))
            for offer, one in counts.items()
        }
        self._counted[reason] = (now, measured)
        return measured


def _answers(reason: str) -> Any:
    o, case = offer_trials.c, retention_cases
    return (
        select(o.offer, o.outcome, func.count())
        .join(case, case.c.id == o.case_id)
        .where(case.c.reason == reason, o.outcome.in_(("accepted", "declined")))
        .where(o.shown_at >= datetime.now(UTC) - SUCCESS_SINCE)
        .group_by(o.offer, o.outcome)
    )
