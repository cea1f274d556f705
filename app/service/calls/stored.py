"""What live calls read of what is stored, without a transaction that could write."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from app.domain.calls.ids import CallId
from app.service.calls.session_vocabulary import Standing


class Carried(NamedTuple):
    """A live call of a bridge, and how many frames of it were heard."""

    call: CallId
    frames: int


class StoredCalls(Protocol):
    """Blocking. Raises StorageAway."""

    def queued(self) -> Sequence[CallId]:
        """Calls that wait for an agent, the longest waiting first."""
        ...

    def carried_by(self, bridge: str) -> Sequence[Carried]:
        """Live calls of a bridge."""
        ...

    def standing(self, call: CallId) -> Standing | None:
        """Where a call stands; None for one that is not known."""
        ...

    def is_ready(self, user_id: int) -> bool:
        """Whether an agent is ready and has a phone."""
        ...
