"""Tickets and guided steps in words for people, and what is refused around them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "ticket_kind": {
        "retention": N_("Retention visit"), "fault": N_("Repair"),
        "service": N_("Service request"), "complaint": N_("Complaint visit"),
    },
    "ticket": {
        "new": N_("New"), "assigned": N_("Assigned"), "contacted": N_("Contacted"),
        "visited": N_("Visited"), "kept": N_("Kept"), "lost": N_("Lost"),
        "unreachable": N_("Not reached"), "closed": N_("Closed"),
    },
    "ticket_event": {
        "assign": N_("Assign"), "contact": N_("Reached by phone"), "postpone": N_("Postpone"),
        "visit": N_("Visited"), "keep": N_("Kept"), "lose": N_("Lost"),
        "miss": N_("Nobody there"), "close": N_("Close"), "open": N_("Opened"),
    },
    "guide_answer": {
        "yes": N_("Yes"), "no": N_("No"), "unsure": N_("Not sure"),
        "solved": N_("It works again"), "ticket": N_("Send a technician"),
        "remote": N_("A technician judges from afar"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.TICKET_ADDRESS: N_("A field ticket needs an address."),
    RefusalCode.TICKET_PHONE: N_("A field ticket needs a phone number to call."),
    RefusalCode.TICKET_GRID: N_("Choose the grid: the caller is not a known customer."),
    RefusalCode.TICKET_STATE: N_("That is not possible in this state of the ticket."),
    RefusalCode.TICKET_REASON: N_("Say why the customer was lost."),
    RefusalCode.TICKET_EVENT: N_("That is no step of a ticket."),
    RefusalCode.TICKET_KIND: N_("There is no such kind of ticket."),
    RefusalCode.TICKET_TECHNICIAN: N_("Say which technician it is assigned to."),
    RefusalCode.FAULT_TREE: N_("There are no such guided steps."),
    RefusalCode.GUIDE_ANSWER: N_("Answer yes, no or not sure."),
    RefusalCode.GUIDE_ENDED: N_("These steps are at their end."),
    RefusalCode.GUIDE_OUTCOME: N_("The steps end with a working service or with a ticket."),
    RefusalCode.GUIDE_START: N_("The guided steps cannot begin like this."),
    RefusalCode.OUTAGE: N_("Say what is down, and for how many hours (up to 72)."),
}
