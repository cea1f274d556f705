"""What the web layer is given by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import HTTPConnection

from app.service.bus import CommandBus
from app.service.calls.switchboard import Switchboard
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.knowledge.queries import WorkshopQueries
from app.service.people.hashing import PasswordChecker
from app.service.ports import CallSimulator, Clock, Feed, Recogniser, UnitOfWorkFactory
from app.service.queries import Queries


@dataclass(frozen=True, slots=True)
class WebDeps:
    """``simulator`` is None outside the demo; ``bridges`` names those connected now."""

    desk: CommandBus
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


def deps_of(connection: HTTPConnection) -> WebDeps:
    """The dependencies of the running application."""
    found: WebDeps = connection.app.state.deps
    return found
