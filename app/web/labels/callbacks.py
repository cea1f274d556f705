"""Tasks, call-backs and messages in words for people, and what is refused around them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "task": {
        "repair": N_("Say what was missed"), "promise": N_("Promise"), "callback": N_("Call back"),
    },
    "callback": {
        "open": N_("Open"), "claimed": N_("Being called back"), "done": N_("Reached"),
        "unreached": N_("Not reached"), "rang_back": N_("rang again by themselves"),
    },
    "callback_source": {"voicemail": N_("Voicemail"), "robot": N_("Robot")},
    "voicemail": {
        "new": N_("New"), "claimed": N_("Being called back"), "done": N_("Settled"),
        "recording": N_("Recording"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.CALLBACK_DRAFT: N_("There is no draft to open, or it was opened already."),
    RefusalCode.CALLBACK_EVENT: N_("That is no outcome of a call-back."),
    RefusalCode.CALLBACK_STATE: N_(
        "That is not possible in this state of the call-back: claim it first."
    ),
    RefusalCode.CLAIMED: N_("Another agent takes care of this message."),
    RefusalCode.DONE: N_("This message is settled already."),
    RefusalCode.TASK_OUTCOME: N_("Choose done, dropped, or how much later."),
    RefusalCode.TASK_STATE: N_("This task is settled already."),
    RefusalCode.VOICEMAIL_ACTION: N_("A message can be claimed or settled."),
}
