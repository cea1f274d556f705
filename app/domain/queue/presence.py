"""What an agent is doing: one table of who may go where."""

from enum import StrEnum

from app.domain.refusal import RefusalCode, Refused


class Presence(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    BREAK = "break"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


STAFFED = frozenset(
    {Presence.READY, Presence.RINGING, Presence.TALKING, Presence.WRAP_UP}
)  # fmt: skip

_TABLE: dict[tuple[Presence, str], Presence] = {
    # chosen by the agent
    (Presence.OFFLINE, "go_ready"): Presence.READY,
    (Presence.OFFLINE, "go_break"): Presence.BREAK,
    (Presence.BREAK, "go_ready"): Presence.READY,
    (Presence.BREAK, "go_offline"): Presence.OFFLINE,
    (Presence.READY, "go_break"): Presence.BREAK,
    (Presence.READY, "go_offline"): Presence.OFFLINE,
    # brought by a call; a phone that does not answer gets no further call (redirect on no answer)
    (Presence.READY, "rung"): Presence.RINGING,
    # the one on duty is rung at night, wherever the screen is
    (Presence.OFFLINE, "rung"): Presence.RINGING,
    (Presence.BREAK, "rung"): Presence.RINGING,
    (Presence.RINGING, "missed"): Presence.BREAK,
    (Presence.RINGING, "released"): Presence.READY,
    (Presence.RINGING, "talks"): Presence.TALKING,
    (Presence.TALKING, "wraps_up"): Presence.WRAP_UP,
    (Presence.WRAP_UP, "wrapped_up"): Presence.READY,
}


def move(presence: Presence, event: str) -> Presence:
    """The presence after an event. Raises Refused where the table has no such move."""
    after = _TABLE.get((presence, event))
    if after is None:
        raise Refused(RefusalCode.PRESENCE, f"{event} is not possible while {presence}")
    return after


def moves(presence: Presence) -> frozenset[str]:
    """The events that the table allows from here."""
    return frozenset(event for at, event in _TABLE if at is presence)
