"""Reads of every subject, for who reads of many."""

from app.adapters.db.callbacks.queries import SqlCallbackQueries
from app.adapters.db.calls.queries import SqlCallQueries
from app.adapters.db.field.queries import SqlFieldQueries
from app.adapters.db.households.queries import SqlHouseholdQueries
from app.adapters.db.people.queries import SqlPeopleQueries
from app.adapters.db.queue.queries import SqlQueueQueries
from app.adapters.db.retention.queries import SqlRetentionQueries
from app.adapters.db.robot.queries import SqlRobotQueries


class SqlQueries(
    SqlCallQueries,
    SqlCallbackQueries,
    SqlFieldQueries,
    SqlHouseholdQueries,
    SqlPeopleQueries,
    SqlQueueQueries,
    SqlRetentionQueries,
    SqlRobotQueries,
):
    """See Queries. ``zone`` turns days of the calendar into moments."""
