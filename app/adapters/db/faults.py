"""Which errors of the database mean that it is away: they pass, a bug does not."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from app.service.ports import StorageAway

_FULL_OR_BROKEN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
#: Of a program that fails by itself: a wrong statement, a value of a wrong shape.
_BUGS = ("no such table", "no such column", "syntax error")


def is_away(error: BaseException) -> bool:
    """A server that is gone, restarting or full, a disk that is full, a lock held for too long."""
    if isinstance(error, exc.TimeoutError):
        return True
    if not isinstance(error, exc.DBAPIError):
        return isinstance(error, ConnectionError) or _errno(error) in _FULL_OR_BROKEN
    if error.connection_invalidated:
        return True
    is_kind = isinstance(error, exc.OperationalError | exc.InterfaceError)
    return is_kind and not any(bug in str(error.orig) for bug in _BUGS)


def _errno(error: BaseException) -> int | None:
    return error.errno if isinstance(error, OSError) else None


@contextmanager
def storage_faults() -> Iterator[None]:
    """Raise StorageAway in place of what means it."""
    try:
        yield
    except Exception as error:
        if is_away(error):
            raise StorageAway(type(error).__name__) from error
        raise
