"""Where agents are."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class AgentPresence:
    """``state`` is a value of domain.queue.presence.Presence; ``since`` decides who is longest idle."""

    user_id: int
    state: str
    since: datetime
    call_id: str | None = None
