"""All that pages and programs read, subject by subject."""

from typing import Protocol

from app.service.callbacks.queries import CallbackQueries
from app.service.calls.queries import CallQueries
from app.service.field.queries import FieldQueries
from app.service.households.queries import HouseholdQueries
from app.service.people.queries import PeopleQueries
from app.service.queue.queries import QueueQueries
from app.service.retention.queries import RetentionQueries
from app.service.robot.queries import RobotQueries


class Queries(
    CallbackQueries,
    CallQueries,
    FieldQueries,
    HouseholdQueries,
    PeopleQueries,
    QueueQueries,
    RetentionQueries,
    RobotQueries,
    Protocol,
):
    """Blocking reads; every answer is detached from the database."""
