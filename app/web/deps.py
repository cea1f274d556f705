"""What the web layer is given by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection

from app.service.away import FeedAway
from app.service.bus import CommandBus
from app.service.callbacks.queries import CallbackQueries
from app.service.calls.queries import CallQueries
from app.service.calls.switchboard import Switchboard
from app.service.field.queries import FieldQueries
from app.service.households.queries import HouseholdQueries
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.knowledge.queries import WorkshopQueries
from app.service.people.hashing import PasswordChecker
from app.service.people.queries import PeopleQueries
from app.service.ports import (
    CallSimulator,
    Clock,
    Condition,
    Feed,
    Recogniser,
    UnitOfWorkFactory,
)
from app.service.queries import Queries
from app.service.queue.queries import QueueQueries
from app.service.robot.queries import RobotQueries


@dataclass(frozen=True, slots=True)
class WebDeps:
    """``simulator`` is None outside the demo; ``bridges`` names those connected now."""

    bus: CommandBus
    switchboard: Switchboard
    queries: Queries
    workshop: WorkshopQueries
    unit_of_work: UnitOfWorkFactory
    feed: Feed
    content: KnowledgeKeeper
    clock: Clock
    home: Path
    static: Path
    demo: bool
    simulator: CallSimulator | None
    bridges: Callable[[], tuple[str, ...]]
    local_time: Callable[[datetime], datetime]
    recogniser: Recogniser
    passwords: PasswordChecker
    condition: Condition
    #: Passwords that everybody knows: refused outside the demo.
    refused_passwords: frozenset[str] = frozenset()


def deps_of(connection: HTTPConnection) -> WebDeps:
    """The dependencies of the running application."""
    found: WebDeps = connection.app.state.deps
    return found


async def _queries(connection: HTTPConnection) -> Queries:
    return deps_of(connection).queries


async def _workshop(connection: HTTPConnection) -> WorkshopQueries:
    return deps_of(connection).workshop


#: What a page or a route of the API reads, as it says in its parameters: one subject each.
CallReads = Annotated[CallQueries, Depends(_queries)]
CallbackReads = Annotated[CallbackQueries, Depends(_queries)]
FieldReads = Annotated[FieldQueries, Depends(_queries)]
HouseholdReads = Annotated[HouseholdQueries, Depends(_queries)]
KnowledgeReads = Annotated[WorkshopQueries, Depends(_workshop)]
PeopleReads = Annotated[PeopleQueries, Depends(_queries)]
QueueReads = Annotated[QueueQueries, Depends(_queries)]
RobotReads = Annotated[RobotQueries, Depends(_queries)]


def late_of(connection: HTTPConnection) -> Callable[[], int]:
    """How many call-backs are past the promised time: everybody at a desk sees it."""
    found: Callable[[], int] = connection.app.state.late_callbacks
    return found


async def feed_seq(deps: WebDeps) -> int:
    """The number from which a page's live socket goes on.

    0 where the feed is away: the page is shown as the database has it, says that it is not live,
    and loads anew when the feed is back (a subscription after 0 begins with a gap).
    """
    try:
        return await deps.feed.last_seq()
    except FeedAway:
        return 0
