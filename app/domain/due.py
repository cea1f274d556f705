"""When something is late: the same for tickets, call-backs and tasks."""

from datetime import datetime


def overdue(due_at: datetime | None, now: datetime, closed_at: datetime | None = None) -> bool:
    """The promised time has passed, and nobody has closed it."""
    return closed_at is None and due_at is not None and due_at < now
