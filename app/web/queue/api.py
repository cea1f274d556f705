"""Agents and their presence for programs."""

import asyncio

from fastapi import Request
from pydantic import BaseModel

from app.domain.ids import UserId
from app.domain.people.permission import Permission
from app.domain.queue.presence import Presence
from app.domain.refusal import Invalid, RefusalCode
from app.service.queue.commands import ChangePresence
from app.service.queue.queries import AgentRow
from app.web.answers import Moment, api_router, problems
from app.web.deps import deps_of
from app.web.parameters import Id, Text
from app.web.people.auth import CurrentProgram, check
from app.web.reads import QueueReads

router = api_router("/agents")


class StateIn(BaseModel):
    """``go_ready``, ``go_break`` or ``go_offline``."""

    event: Text


class AgentOut(BaseModel):
    """An agent: offline, ready, break, ringing, talking or wrap_up, and ``since`` when."""

    id: int | None
    name: str
    state: str
    since: Moment | None
    call_id: str | None

    @classmethod
    def of(cls, row: AgentRow) -> "AgentOut":
        at = row.presence
        return cls(
            id=row.user.id, name=row.user.display_name, state=at.state if at else Presence.OFFLINE,
            since=at.since if at else None, call_id=at.call_id if at else None,
        )  # fmt: skip


class AgentsOut(BaseModel):
    """All agents, by their log-in name."""

    agents: list[AgentOut]


class AgentStateOut(BaseModel):
    """What an agent does after the change."""

    id: int
    state: str


@router.get("", responses=problems(403))
async def agents(program: CurrentProgram, reads: QueueReads) -> AgentsOut:
    """Who they are and what they do now."""
    check(program, Permission.SEE_FLOOR)
    rows = await asyncio.to_thread(reads.agents)
    return AgentsOut(agents=[AgentOut.of(row) for row in rows])


@router.post("/{agent_id}/state", responses=problems(403, 404, 409, 422))
async def agent_state(
    request: Request, program: CurrentProgram, agent_id: Id, body: StateIn
) -> AgentStateOut:
    """Send an agent to work, on break or home."""
    check(program, Permission.MANAGE_AGENTS)
    deps = deps_of(request)
    if not body.event:
        raise Invalid(RefusalCode.PRESENCE, "event is missing")
    command = ChangePresence(user_id=UserId(agent_id), event=body.event, actor=program)
    state = await asyncio.to_thread(deps.bus.execute, command)
    deps.switchboard.agent_freed()
    return AgentStateOut(id=agent_id, state=state)
