"""Where agents are."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(kw_only=True)
class AgentPresence:
    """Where an agent is: a state of domain.queue.presence, and ``since`` when."""

    user_id: int
    state: str
    since: datetime
    call_id: str | None = None
