"""Deletes expired rows: idempotency keys, ended sessions, old answer hits and queue items."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete

from app.adapters.db import tables as t

#: A click that is sent again later than this is a new one.
KEYS_KEPT = timedelta(days=2)
#: Hits are counted over 30 days; what was not answered and not looked at is stale by then too.
LEARNING_KEPT = timedelta(days=90)


def purge(engine: Engine, now: datetime) -> int:
    """Delete expired rows and return how many there were."""
    old_keys = delete(t.idempotency_keys).where(t.idempotency_keys.c.at < now - KEYS_KEPT)
    old_sessions = delete(t.web_sessions).where(t.web_sessions.c.expires_at < now)
    hits, items = t.answer_hits, t.learning_items
    old_hits = delete(hits).where(hits.c.at < now - LEARNING_KEPT)
    stale = (items.c.at < now - LEARNING_KEPT, items.c.source == "unanswered")
    old_items = delete(items).where(*stale, items.c.state == "open")
    with engine.begin() as connection:
        queries = (old_keys, old_sessions, old_hits, old_items)
        return sum(connection.execute(query).rowcount for query in queries)
