"""What nobody needs any more is removed: old clicks, ended sessions."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete

from app.adapters.db import tables as t

#: A click that is sent again later than this is a new one.
KEYS_KEPT = timedelta(days=2)


def purge(engine: Engine, now: datetime) -> int:
    """Delete expired rows; answers how many."""
    old_keys = delete(t.idempotency_keys).where(t.idempotency_keys.c.at < now - KEYS_KEPT)
    old_sessions = delete(t.web_sessions).where(t.web_sessions.c.expires_at < now)
    with engine.begin() as connection:
        return sum(connection.execute(query).rowcount for query in (old_keys, old_sessions))
