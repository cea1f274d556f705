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
        "stop": N_("Wish to stop registered"), "callback": N_("Call-back"),
        "danger": N_("Urgent repair"), "kept": N_("Stays a customer"),
        "offer": N_("Offer for a person to settle"), "withdraw": N_("Request taken back"),
        "none": N_("Answer"),
    },
    "dialog_place": {
        "open": N_("first question"), "sure": N_("asked back"), "guide": N_("guided steps"),
        "reason": N_("why, and one offer"), "offer": N_("the offer"), "slot": N_("a question"),
        "confirm": N_("reading back"), "more": N_("anything else"),
        "person": N_("a person was offered"), "adult": N_("a grown-up was asked for"),
        "acting": N_("a question"),
        "gone": N_("the end"), "silent": N_("said nothing"),
    },
    "voice": {
        "zf_xiaobei": N_("Xiaobei (woman)"), "zf_xiaoni": N_("Xiaoni (woman)"),
        "zf_xiaoxiao": N_("Xiaoxiao (woman)"), "zf_xiaoyi": N_("Xiaoyi (woman)"),
        "zm_yunjian": N_("Yunjian (man)"), "zm_yunxi": N_("Yunxi (man)"),
        "zm_yunxia": N_("Yunxia (boy)"), "zm_yunyang": N_("Yunyang (man)"),
    },
    "voice_fault": {
        "no_model": N_(
            "The chosen voice is not on this machine (any more): its model was removed, or this is"
            " a light installation."
        ),
        "broken_model": N_("The voice model does not load: fetch it again and restart."),
        "disk": N_("The disk is full: nothing is rendered until there is room."),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.DIALOG: N_("The robot's dialogs cannot be used like this."),
    RefusalCode.VOICE: N_("There is no such voice on this machine."),
    RefusalCode.VOICE_PACE: N_("The pace is 80 to 125 per cent in steps of five."),
    RefusalCode.VOICE_TEXT: N_("The voice cannot say this sentence: it has no words."),
}
