"""What the web layer is given by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import HTTPConnection

from app.service.away import FeedAway
from app.service.bus import CommandBus
from app.service.calls.switchboard import Switchboard
from app.service.knowledge.keeper import KnowledgeKeeper
from app.service.knowledge.learning_night import LearningNight
from app.service.people.hashing import PasswordChecker
from app.service.ports import CallSimulator, Clock, Condition, Feed, Recogniser
from app.service.robot.voice_keeper import VoiceKeeper
from app.service.second_pass import NO_SECOND_PASS, SecondPassStatus
from app.web.reads import Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """``simulator`` is None outside the demo; ``bridges`` names those connected now;
    ``voice`` is None where the robot's voice is not chosen here."""

    bus: CommandBus
    switchboard: Switchboard
    reads: Reads
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
    voice: VoiceKeeper | None
    learning: LearningNight
    learn_days: int
    #: The name of the user who is rung at night; empty where nobody is set.
    on_duty: str = ""
    second_pass: Callable[[], SecondPassStatus] = lambda: NO_SECOND_PASS
    #: Passwords that everybody knows: refused outside the demo.
    refused_passwords: frozenset[str] = frozenset()


def deps_of(connection: HTTPConnection) -> WebDeps:
    """The dependencies of the running application."""
    found: WebDeps = connection.app.state.deps
    return found


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
