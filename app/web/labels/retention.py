"""Cases, offers and statements in words for people, and what is refused around them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "reason": {
        "price": N_("Too expensive"), "moving": N_("Moving house"),
        "not_watching": N_("Nobody watches"), "competitor": N_("Competitor"),
        "service": N_("Service or fault"), "slow": N_("Slow net"), "deceased": N_("Deceased"),
        "abroad": N_("Away or abroad"), "contract_ended": N_("Contract ended"),
        "house_let": N_("House let or renovated"), "other": N_("Other reason"), "": "",
    },
    "stop_kind": {
        "suspend": N_("Suspend"), "cancel": N_("Cancel"), "switch": N_("Switch"),
        "enquiry": N_("Only asking"),
    },
    "case": {
        "asked": N_("Asked to stop"), "reason_known": N_("Reason known"),
        "offer_shown": N_("Offer made"), "refused_twice": N_("Refused twice"),
        "kept": N_("Kept"), "proceeding": N_("Formalities"), "second_stage": N_("Second stage"),
        "kept_at_door": N_("Kept at the door"), "lost": N_("Lost"),
    },
    "trial": {
        "shown": N_("Offered"), "accepted": N_("Accepted"), "declined": N_("Declined"),
    },
    "disclosure": {
        "open": N_("not said yet"), "asked": N_("asked, no answer yet"), "said": N_("heard"),
        "ticked": N_("ticked by hand"), "missed": N_("missed"), "dropped": "",
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.CASE_PHASE: N_("That is not possible in this phase of the case."),
    RefusalCode.CASE_OPEN: N_("A retention case is open for this call already."),
    RefusalCode.CASE_ACTION: N_("That is no step of a retention case."),
    RefusalCode.CASE_KIND: N_("Choose what the customer wants to stop: suspend, cancel or switch."),
    RefusalCode.CASE_REASON: N_("Choose the reason."),
    RefusalCode.OFFER_REPEATED: N_("This offer was already made to this customer."),
    RefusalCode.OFFER_UNFIT: N_("This offer does not fit this customer, or was made before."),
    RefusalCode.OFFER_PRICE: N_("An offer needs a price."),
    RefusalCode.OFFER_REASONS: N_("An offer needs reasons that it fits."),
    RefusalCode.OFFER_TEXT: N_("An offer needs its words."),
    RefusalCode.DISCLOSURE_STATE: N_("This statement is settled already."),
    RefusalCode.FORM: N_("There is no such form."),
    RefusalCode.FORM_FIELD: N_("A field of the form is missing or is not one of the choices."),
    RefusalCode.STOCK: N_("Choose an item of an offer, and how many are left (0 or more)."),
}
