"""What pages and programs read of the queue and presence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.service.people.records import User
from app.service.queue.records import AgentPresence


@dataclass(frozen=True, slots=True)
class AgentRow:
    user: User
    presence: AgentPresence | None


class QueueQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def agents(self) -> Sequence[AgentRow]: ...

    def agent(self, user_id: int) -> AgentRow | None:
        """One agent with their presence; None for anybody else."""
        ...

    def current_call(self, agent_id: int) -> str | None:
        """The call that the agent's presence names."""
        ...

    def waiting(self) -> int:
        """How many callers wait for an agent."""
        ...
