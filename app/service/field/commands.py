"""What may be asked of the field: one dataclass a command, imperative."""

from dataclasses import dataclass

from app.domain.ids import GuideId, TicketId, UserId
from app.domain.people.permission import Permission
from app.service.command import AuditLine, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket(Command[TicketId]):
    """A field ticket from a call; empty fields are taken from customer and case.

    ``on_behalf_of``: the user in whose name a program opens it.
    """

    needs = (Permission.OPEN_TICKETS,)

    call_id: str
    kind: str = "retention"
    address: str = ""
    phone: str = ""
    promise: str = ""
    brief: str = ""
    grid_id: int | None = None
    on_behalf_of: UserId | None = None

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTicket(Command[TicketId]):
    """One event of the ticket machine: assign, contact, postpone, visit, keep, lose, miss, close.

    Somebody who may work only on their own tickets is refused for those of others.
    """

    needs = (Permission.WORK_TICKETS, Permission.WORK_OWN_TICKETS)

    ticket_id: TicketId
    event: str
    note: str = ""
    reason: str = ""
    technician_id: UserId | None = None

    def audit_subject(self) -> str:
        return f"ticket {self.ticket_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepGuide(Command[GuideId]):
    """``action``: yes, no, unsure, back, solved or ticket; the first one begins the guide."""

    needs = (Permission.TAKE_CALLS,)
    audited = False

    call_id: str
    tree: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOutage(Command[None]):
    """A grid is down for ``hours``, or (``ended``) is up again."""

    needs = (Permission.REPORT_OUTAGES,)

    grid_id: int
    text: str = ""
    hours: int = 4
    ended: bool = False

    def audit_line(self) -> AuditLine:
        action = "outage_ended" if self.ended else "outage_reported"
        return AuditLine(action, str(self.grid_id), self.text)
