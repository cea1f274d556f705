"""The field ticket (上门工单): the second try at the door, or a repair, as one table."""

from dataclasses import dataclass, replace
from enum import StrEnum

from app.domain.refusal import Invalid, RefusalCode, Refused


class TicketKind(StrEnum):
    RETENTION = "retention"
    FAULT = "fault"
    SERVICE = "service"
    COMPLAINT = "complaint"


KINDS = tuple(TicketKind)
#: Answered by telephone; to everything else somebody goes.
_BY_TELEPHONE = frozenset({TicketKind.COMPLAINT})


def needs_address(kind: str) -> bool:
    """Whether such a ticket takes somebody to a door."""
    return kind not in _BY_TELEPHONE


class TicketState(StrEnum):
    NEW = "new"
    ASSIGNED = "assigned"
    CONTACTED = "contacted"
    VISITED = "visited"
    KEPT = "kept"
    LOST = "lost"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"


class TicketEvent(StrEnum):
    ASSIGN = "assign"
    CONTACT = "contact"
    POSTPONE = "postpone"
    VISIT = "visit"
    KEEP = "keep"
    LOSE = "lose"
    MISS = "miss"
    CLOSE = "close"


S, E = TicketState, TicketEvent
_TABLE: dict[tuple[TicketState, TicketEvent], TicketState] = {
    (S.NEW, E.ASSIGN): S.ASSIGNED,
    (S.ASSIGNED, E.ASSIGN): S.ASSIGNED,
    (S.ASSIGNED, E.CONTACT): S.CONTACTED,
    (S.ASSIGNED, E.MISS): S.UNREACHABLE,
    (S.CONTACTED, E.POSTPONE): S.ASSIGNED,
    (S.CONTACTED, E.VISIT): S.VISITED,
    # many are persuaded by the technician's own call, before a visit
    **{(at, E.KEEP): S.KEPT for at in (S.CONTACTED, S.VISITED)},
    **{(at, E.LOSE): S.LOST for at in (S.CONTACTED, S.VISITED)},
    (S.VISITED, E.MISS): S.UNREACHABLE,
    (S.UNREACHABLE, E.CONTACT): S.CONTACTED,
    **{(at, E.CLOSE): S.CLOSED for at in (S.KEPT, S.LOST, S.UNREACHABLE)},
}


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket fails at birth without a phone and a grid, and without an address where somebody
    has to go there."""

    kind: str
    address: str
    phone: str
    grid_id: int
    state: TicketState = TicketState.NEW
    technician_id: int | None = None
    outcome_reason: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise Invalid(RefusalCode.TICKET_KIND, f"unknown kind of ticket {self.kind!r}")
        if needs_address(self.kind) and not self.address.strip():
            raise Invalid(RefusalCode.TICKET_ADDRESS, "a field ticket needs an address")
        if not self.phone.strip():
            raise Invalid(RefusalCode.TICKET_PHONE, "a field ticket needs a phone number to call")


def step(
    ticket: Ticket, event: TicketEvent, *, technician_id: int | None = None, reason: str = ""
) -> Ticket:
    """Take one event. Raises Refused where the table has no such move or a detail is missing."""
    after = _TABLE.get((ticket.state, event))
    if after is None:
        raise Refused(
            RefusalCode.TICKET_STATE, f"{event} is not possible while the ticket is {ticket.state}"
        )
    if event is TicketEvent.ASSIGN and technician_id is None:
        raise Refused(RefusalCode.TICKET_TECHNICIAN, "assign needs a technician")
    if event is TicketEvent.LOSE and not reason:
        raise Refused(RefusalCode.TICKET_REASON, "say why the customer was lost")
    return replace(
        ticket,
        state=after,
        technician_id=technician_id if event is TicketEvent.ASSIGN else ticket.technician_id,
        outcome_reason=reason or ticket.outcome_reason,
    )


def allowed(state: TicketState) -> tuple[TicketEvent, ...]:
    """The events that the table lists for a state, in their usual order."""
    return tuple(event for event in TicketEvent if (state, event) in _TABLE)
