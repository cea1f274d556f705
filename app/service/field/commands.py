"""What may be asked of the field: one dataclass a command, imperative."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A field ticket from a call; empty fields are taken from customer and case."""

    call_id: str
    user_id: int
    kind: str = "retention"
    address: str = ""
    phone: str = ""
    promise: str = ""
    brief: str = ""
    grid_id: int | None = None


@dataclass(frozen=True, slots=True)
class StepTicket:
    ticket_id: int
    by: str
    event: str
    note: str = ""
    reason: str = ""
    technician_id: int | None = None


@dataclass(frozen=True, slots=True)
class StepGuide:
    """``action``: yes, no, unsure, back, solved or ticket; the first one begins the guide."""

    call_id: str
    user_id: int
    tree: str
    action: str


@dataclass(frozen=True, slots=True)
class ReportOutage:
    """A grid is down for so many hours, or (``ended``) is up again."""

    who: str
    grid_id: int
    text: str = ""
    hours: int = 4
    ended: bool = False
