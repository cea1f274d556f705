"""Presence, and what is refused around agents, in words for people."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "presence": {
        "offline": N_("Offline"), "ready": N_("Ready"), "break": N_("On break"),
        "ringing": N_("Ringing"), "talking": N_("In a call"), "wrap_up": N_("Wrapping up"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.PRESENCE: N_("That is not possible in your present state."),
    RefusalCode.NO_LINE: N_("Enter the SIP address of your phone first."),
    RefusalCode.NOT_READY: N_("Go ready first: your phone rings once the caller answers."),
    RefusalCode.SIP_URI: N_("Expected an address such as sip:1001@192.168.1.20:5060."),
    RefusalCode.HOURS: N_("Opening hours are written like 08:00-22:00."),
}
