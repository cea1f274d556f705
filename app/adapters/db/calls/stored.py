"""What live calls read: short read-only transactions that take no lock."""

from collections.abc import Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.adapters.db import tables
from app.domain.calls import machine
from app.domain.calls.ids import CallId
from app.domain.calls.machine import Phase
from app.domain.queue.presence import Presence
from app.domain.retention.case import CasePhase
from app.service.calls.records import Call
from app.service.calls.session_vocabulary import Standing
from app.service.calls.stored import Carried
from app.service.state_json import load_call


class SqlStoredCalls:
    """Implements StoredCalls."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(read_only=True)

    def queued(self) -> Sequence[CallId]:
        c = tables.calls.c
        query = select(c.id).where(c.phase == Phase.QUEUED).order_by(c.started_at, c.id)
        with Session(self._engine) as session:
            return [CallId(key) for key in session.scalars(query)]

    def carried_by(self, bridge: str) -> Sequence[Carried]:
        c = tables.calls.c
        live = c.phase.in_(sorted(machine.LIVE))
        query = select(c.id, c.heard_caller, c.heard_agent).where(c.bridge == bridge, live)
        with Session(self._engine) as session:
            rows = session.execute(query).all()
        return [Carried(CallId(key), max(caller, agent)) for key, caller, agent in rows]

    def standing(self, call: CallId) -> Standing | None:
        with Session(self._engine) as session:
            row = session.get(Call, call)
            if row is None:
                return None
            return Standing(
                agent_id=row.agent_id or 0, heard_caller=row.heard_caller,
                heard_agent=row.heard_agent, state=load_call(row.state_json),
                case=_case(session, call),
            )  # fmt: skip

    def is_ready(self, user_id: int) -> bool:
        p, u = tables.agent_presence.c, tables.users.c
        query = (
            select(p.user_id)
            .join(tables.users, u.id == p.user_id)
            .where(p.user_id == user_id, p.state == Presence.READY, u.line != "", u.active)
        )
        with Session(self._engine) as session:
            return session.scalar(query) is not None


def _case(session: Session, call: CallId) -> CasePhase | None:
    """The newest case of a call; one that was only misheard is none."""
    c = tables.retention_cases.c
    query = (
        select(c.phase)
        .where(c.call_id == call, c.phase != CasePhase.MISHEARD)
        .order_by(c.id.desc())
        .limit(1)
    )
    found = session.scalar(query)
    return CasePhase(found) if found is not None else None
