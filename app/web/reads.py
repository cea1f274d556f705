"""What pages and programs read, one subject at a time.

A page names in its parameters what it reads (``reads: CallReads``): nothing else is at hand there.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.service.callbacks.queries import CallbackQueries
from app.service.calls.queries import CallQueries
from app.service.field.queries import FieldQueries
from app.service.households.queries import HouseholdQueries
from app.service.knowledge.queries import KnowledgeQueries
from app.service.people.queries import PeopleQueries
from app.service.queries import Queries
from app.service.queue.queries import QueueQueries
from app.service.retention.queries import RetentionQueries
from app.service.robot.queries import RobotQueries


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """Blocking reads by subject; every answer is detached from the database."""

    callbacks: CallbackQueries
    calls: CallQueries
    field: FieldQueries
    households: HouseholdQueries
    knowledge: KnowledgeQueries
    people: PeopleQueries
    queue: QueueQueries
    retention: RetentionQueries
    robot: RobotQueries

    @classmethod
    def of(cls, queries: Queries, workshop: KnowledgeQueries) -> "Reads":
        """One object answers for all subjects but the knowledge base."""
        return cls(
            callbacks=queries, calls=queries, field=queries, households=queries,
            knowledge=workshop, people=queries, queue=queries, retention=queries, robot=queries,
        )  # fmt: skip


async def _reads(connection: HTTPConnection) -> Reads:
    found: Reads = connection.app.state.deps.reads
    return found


_Reads = Annotated[Reads, Depends(_reads)]


async def _callbacks(reads: _Reads) -> CallbackQueries:
    return reads.callbacks


async def _calls(reads: _Reads) -> CallQueries:
    return reads.calls


async def _field(reads: _Reads) -> FieldQueries:
    return reads.field


async def _households(reads: _Reads) -> HouseholdQueries:
    return reads.households


async def _knowledge(reads: _Reads) -> KnowledgeQueries:
    return reads.knowledge


async def _people(reads: _Reads) -> PeopleQueries:
    return reads.people


async def _queue(reads: _Reads) -> QueueQueries:
    return reads.queue


async def _robot(reads: _Reads) -> RobotQueries:
    return reads.robot


CallbackReads = Annotated[CallbackQueries, Depends(_callbacks)]
CallReads = Annotated[CallQueries, Depends(_calls)]
FieldReads = Annotated[FieldQueries, Depends(_field)]
HouseholdReads = Annotated[HouseholdQueries, Depends(_households)]
KnowledgeReads = Annotated[KnowledgeQueries, Depends(_knowledge)]
PeopleReads = Annotated[PeopleQueries, Depends(_people)]
QueueReads = Annotated[QueueQueries, Depends(_queue)]
RobotReads = Annotated[RobotQueries, Depends(_robot)]
