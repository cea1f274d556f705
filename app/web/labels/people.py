"""Roles in words for people, and what is refused to them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "role": {
        "agent": N_("Agent"), "technician": N_("Technician"), "supervisor": N_("Supervisor"),
        "manager": N_("Manager"), "administrator": N_("Administrator"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.FORBIDDEN: N_("Your role may not do this."),
    RefusalCode.NOT_YOURS: N_("This belongs to another agent."),
}
