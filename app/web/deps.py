"""What the web layer is given by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import HTTPConnection

from app.service.desk import Desk
from app.service.ports import CallSimulator, Clock, ContentSource, Feed, UnitOfWorkFactory
from app.service.queries import Queries
from app.service.switchboard import Switchboard


@dataclass(frozen=True, slots=True)
class WebDeps:
    """``simulator`` is None outside the demo; ``bridges`` names those connected now."""

    desk: Desk
    switchboard: Switchboard
    queries: Queries
    unit_of_work: UnitOfWorkFactory
    feed: Feed
    content: ContentSource
    clock: Clock
    home: Path
    static: Path
    demo: bool
    simulator: CallSimulator | None
    bridges: Callable[[], tuple[str, ...]]
    local_time: Callable[[datetime], datetime]


def deps_of(connection: HTTPConnection) -> WebDeps:
    """The dependencies of the running application."""
    found: WebDeps = connection.app.state.deps
    return found
