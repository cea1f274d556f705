"""What may be asked of retention: one dataclass a command, imperative."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.ids import CaseId, DisclosureId, TicketId
from app.domain.people.permission import Permission
from app.service.command import AuditLine, Command


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCase(Command[CaseId]):
    """The caller asks to stop: heard, or noted by the agent."""

    needs = (Permission.TAKE_CALLS,)

    call_id: str
    kind: str

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCase(Command[CaseId]):
    """``action``: kind, reason, offer, accept, decline, proceed, stay; ``value`` goes with it."""

    needs = (Permission.TAKE_CALLS,)

    case_id: CaseId
    action: str
    value: str = ""

    def audit_subject(self) -> str:
        return f"case {self.case_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TickDisclosure(Command[DisclosureId]):
    """The agent says that a statement was made though it was not heard."""

    needs = (Permission.TAKE_CALLS,)

    disclosure_id: DisclosureId

    def audit_subject(self) -> str:
        return f"disclosure {self.disclosure_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm(Command[TicketId]):
    """A form of prompts/agent/forms.yaml, filled in during a call."""

    needs = (Permission.TAKE_CALLS,)

    call_id: str
    form: str
    values: Mapping[str, str]
    grid_id: int | None = None

    def audit_subject(self) -> str:
        return self.call_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStock(Command[None]):
    """How many of an item of offers are left."""

    needs = (Permission.SET_STOCK,)

    item: str
    left: int

    def audit_line(self) -> AuditLine:
        return AuditLine("stock_set", self.item, str(self.left))
