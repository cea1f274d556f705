"""What live calls read of what is stored: short reads that take no lock."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from app.domain.calls import machine
from app.domain.calls.ids import CallId
from app.domain.calls.machine import Phase
from app.domain.retention.case import CasePhase
from app.service.calls.records import Call
from app.service.calls.session_vocabulary import Standing
from app.service.ports import ReadSession, ReadSessionFactory
from app.service.retention.cases import case_of


class Carried(NamedTuple):
    """A live call of a bridge, and how many frames of it were heard."""

    call: CallId
    frames: int


class StoredCalls:
    """Blocking. Everything raises StorageAway."""

    def __init__(self, reads: ReadSessionFactory) -> None:
        self._reads = reads

    def queued(self) -> Sequence[CallId]:
        """Calls that wait for an agent, the longest waiting first."""
        with self._reads() as reads:
            return [CallId(call.id) for call in reads.calls_in([Phase.QUEUED])]

    def is_ready(self, user_id: int) -> bool:
        """Whether an agent is ready and has a phone."""
        with self._reads() as reads:
            return any(row.user_id == user_id for row in reads.ready_agents())

    def of_bridge(
        self, bridge: str, calls: Collection[CallId]
    ) -> tuple[list[Carried], dict[CallId, Standing | None]]:
        """Live calls that the bridge does not name, and where those stand that it does."""
        with self._reads() as reads:
            live = reads.calls_in(sorted(machine.LIVE))
            lost = [_carried(c) for c in live if c.bridge == bridge and c.id not in calls]
            return lost, {call: _standing(reads, call) for call in calls}


def _carried(call: Call) -> Carried:
    return Carried(CallId(call.id), max(call.heard_caller, call.heard_agent))


def _standing(reads: ReadSession, call: CallId) -> Standing | None:
    row = reads.get(Call, call)
    if row is None:
        return None
    case = case_of(reads, call)
    return Standing(
        agent_id=row.agent_id or 0, heard_caller=row.heard_caller, heard_agent=row.heard_agent,
        state=row.state, case=CasePhase(case.phase) if case is not None else None,
    )  # fmt: skip
