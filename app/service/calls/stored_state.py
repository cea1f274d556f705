"""A call's state as it is stored, in this release's shape or the one before."""

from typing import Any

from app.domain.calls.ids import AGENT, CALLER
from app.domain.calls.machine import CallState, Phase
from app.domain.calls.parties import Direction, Role, Standing
from app.service.state_codec import load

_CALLER = {
    Phase.OFFERED: Standing.RINGING, Phase.HELD: Standing.HELD, Phase.WRAP_UP: Standing.GONE,
    Phase.ENDED: Standing.GONE,
}  # fmt: skip
_AGENT = {
    Phase.TALKING: Standing.TALKING, Phase.HELD: Standing.TALKING,
    Phase.WRAP_UP: Standing.WRAPPING_UP, Phase.ENDED: Standing.DONE,
}  # fmt: skip


def load_call(text: str) -> CallState:
    """The state of a call as any release has stored it. Raises StateError."""
    return load(CallState, text, _with_parties)


def _with_parties(data: dict[str, Any]) -> dict[str, Any]:
    """Before 0007 a call had one ``agent_id``, ``tried`` ones, and ``agent_waiting``."""
    if "parties" in data:
        return data
    phase = Phase(data["phase"])
    outbound = data["wanted"] is not None
    parties = [{
        "id": CALLER, "role": Role.OUTSIDE if outbound else Role.CALLER,
        "standing": _CALLER.get(phase, Standing.TALKING),
    }]  # fmt: skip
    parties += [_agent(user_id, Standing.MISSED) for user_id in data["tried"]]
    if data["agent_id"] is not None:
        waits = Standing.ANSWERED if data["agent_waiting"] else Standing.RINGING
        parties.append(_agent(data["agent_id"], _AGENT.get(phase, waits)))
    kept = {key: data[key] for key in data.keys() - {"agent_id", "tried", "agent_waiting"}}
    direction = Direction.OUTBOUND if outbound else Direction.INBOUND
    return {**kept, "direction": direction, "parties": parties}


def _agent(user_id: int, standing: Standing) -> dict[str, Any]:
    return {"id": AGENT, "role": Role.AGENT, "standing": standing, "user_id": user_id}
