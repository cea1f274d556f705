"""Customers and short messages in words for people, and what is refused around them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "customer_status": {
        "active": N_("In use"), "suspended": N_("Suspended"), "stopped": N_("Stopped"),
        "prospect": N_("New"), "cancelled": N_("Cancelled"),
    },
    "sms": {"queued": N_("on its way"), "sent": N_("sent"), "failed": N_("not sent")},
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.CUSTOMER_NEEDS: N_("A customer needs a name, an address and a number."),
    RefusalCode.SMS_PHONE: N_("The message needs a number to go to."),
    RefusalCode.SMS_STATE: N_("This message is on its way or settled already."),
    RefusalCode.SMS_TEMPLATE: N_("There is no such template."),
}
