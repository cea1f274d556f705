"""The robot's flow in words for people, and what is refused around it."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "dialog_before": {
        "guide": N_("guided steps"), "reason": N_("why, and one offer"),
        "identity": N_("identity check"),
    },
    "dialog_slot": {
        "address": N_("Address"), "phone": N_("Phone"), "when": N_("Convenient time"),
        "text": N_("Story"),
        "last4": N_("last four of the ID"),
    },
    "dialog_act": {
        "fault": N_("Repair"), "service": N_("Service request"), "complaint": N_("Complaint"),
        "stop": N_("Wish to stop registered"), "none": N_("Answer"),
    },
    "dialog_place": {
        "open": N_("first question"), "sure": N_("asked back"), "guide": N_("guided steps"),
        "reason": N_("why, and one offer"), "offer": N_("the offer"), "slot": N_("a question"),
        "confirm": N_("reading back"), "more": N_("anything else"),
        "person": N_("a person was offered"), "acting": N_("a question"),
        "gone": N_("the end"), "silent": N_("said nothing"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.DIALOG: N_("The robot's dialogs cannot be used like this."),
}
