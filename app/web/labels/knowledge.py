"""Drafts, findings, slots and evidence in words for people, and what is refused around them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "draft": {
        "draft": N_("being edited"), "checked": N_("checked"), "tested": N_("tested"),
        "published": N_("published"), "retired": N_("replaced"), "discarded": N_("discarded"),
    },
    "origin": {
        "files": N_("came with the installation"), "workshop": N_("edited in the workshop"),
        "import": N_("imported"), "restore": N_("rolled back"),
    },
    "job": {
        "check": N_("Check"), "test": N_("Test"), "embedding": N_("Training of the embedding"),
    },
    "job_step": {
        "": N_("starting"), "check": N_("checking"), "learn": N_("learning"),
        "train": N_("training"), "clean": N_("clean text"), "noisy": N_("with recognition errors"),
        "clean before": N_("clean text, published"), "clean after": N_("clean text, draft"),
        "noisy before": N_("with recognition errors, published"),
        "noisy after": N_("with recognition errors, draft"),
    },
    "finding": {
        "dead_id": N_("Leads to nothing"), "unknown_family": N_("Unknown family"),
        "duplicate": N_("Same text twice"), "repeated": N_("Repeated in the entry"),
        "empty_text": N_("No words"), "learned_test": N_("Test is also learned from"),
        "personal_number": N_("Personal number"), "few_texts": N_("Fewer than 3 texts"),
        "no_spoken": N_("No spoken answer"), "long_spoken": N_("Spoken answer too long"),
        "few_phrases": N_("Few phrases"), "expired": N_("Expired"), "not_yet": N_("Not valid yet"),
        "near": N_("Nearly the same text"), "promise": N_("Promise that nothing records"),
        "contradiction": N_("Figures that differ"), "unproven": N_("Cannot be proved"),
        "no_terms": N_("Terms are not said"),
    },
    "change": {"added": N_("new"), "removed": N_("removed"), "changed": N_("changed")},
    "change_what": {
        "entry": N_("FAQ entry"), "kind": N_("Intent"), "test": N_("Test"),
        "calibration": N_("Calibration"), "words": N_("Lexicon"),
    },
    "entry_field": {
        "family": N_("Family"), "question": N_("Question"), "similar": N_("Similar questions"),
        "spoken": N_("Spoken answer"), "answer": N_("Answer"), "valid_from": N_("Valid from"),
        "valid_until": N_("Valid until"), "handover": N_("Handover"),
        "deed": N_("Recorded with it"), "name": N_("Name"), "phrases": N_("Phrases"),
        "faq": N_("Answered by"), "intent": N_("Intent"),
    },
    "entry_deed": {
        "": N_("nothing"), "callback": N_("a call-back"), "fault": N_("a fault ticket"),
        "service": N_("a service ticket"), "complaint": N_("a complaint"),
        "danger": N_("danger: an urgent ticket, whoever is on duty is rung"),
        "withdraw": N_("a withdrawn stop request"),
    },
    "edit": {
        "SaveEntry": N_("saved the entry"), "RemoveEntry": N_("removed the entry"),
        "AddQuestions": N_("added questions"), "SavePhrases": N_("saved the phrases of"),
        "AddPhrases": N_("added phrases"), "AddTest": N_("added the test"),
        "RemoveTest": N_("removed the test"),
        "UpdateDraft": N_("brought the draft up to date"), "ReplaceFiles": N_("imported"),
    },
    "item_source": {
        "unanswered": N_("Not answered"), "corrected": N_("Corrected by an agent"),
    },
    "item_state": {
        "open": N_("Open"), "learned": N_("Learned"), "dismissed": N_("Dismissed"),
    },
    "learning_state": {
        "asked": N_("waits for a quiet hour"), "collecting": N_("counting words"),
        "building": N_("making the model"), "judging": N_("comparing"),
        "accepted": N_("better: about to be used"), "used": N_("in use"),
        "unjudged": N_("too few corrected words to judge it: not used"),
        "nothing": N_("nothing to learn"), "rejected": N_("not better: thrown away"),
        "failed": N_("failed"), "withdrawn": N_("gone back to the one before"),
        "replaced": N_("replaced by a later one"),
    },
    "learning_fault": {
        "not_ours": N_("the model in use is not the embedded one: nothing is learned for it"),
        "disk_full": N_("the disk is full: a model needs 100 MB; the one in use stays"),
        "interrupted": N_("interrupted too often: the log says why"),
        "gone": N_("the folder of the model is not there any more"),
    },
    "unfit": {
        "not_again": N_("not heard again by the second pass"),
        "unclear": N_("the second pass was not sure"),
        "different": N_("the two hearings differ too much"),
        "short": N_("too short"), "rate": N_("spoken impossibly fast or slowly"),
        "repeated": N_("the same piece over and over"),
        "private": N_("only personal data"), "held_apart": N_("kept apart to judge by"),
    },
    "action": {"act": N_("Act"), "clarify": N_("Ask first"), "none": N_("Do nothing")},
    "expecting": {
        "": N_("nothing"), "question": N_("a yes-or-no question"),
        "read_back": N_("something read back"), "offer": N_("an offer"),
        "anything_else": N_("anything else?"), "reason": N_("the reason"),
    },
    "slot": {
        "phone": N_("Phone"), "id_last4": N_("Last four of the ID"),
        "smart_card": N_("Smart card"), "box_no": N_("Box number"),
        "account_no": N_("Account number"), "amount": N_("Amount (yuan)"), "when": N_("When"),
        "duration": N_("How long"),
        "date": N_("Date"), "time": N_("Time of day"), "daypart": N_("Part of the day"),
        "address": N_("Address"), "estate": N_("Estate"), "competitor": N_("Competitor"),
        "reason": N_("Reason"), "household": N_("Household"),
    },
    "daypart": {
        "morning": N_("morning"), "noon": N_("noon"), "afternoon": N_("afternoon"),
        "evening": N_("evening"), "night": N_("night"),
    },
    "household": {
        "elder": N_("elderly person"), "child": N_("child"), "tenant": N_("tenant"),
        "abroad": N_("abroad"), "deceased": N_("deceased"), "away": N_("away from home"),
        "hospital": N_("in hospital"), "moving": N_("moving"),
        "demolition": N_("house demolished"), "low_income": N_("low income"),
    },
    "evidence": {
        "classifier": N_("Classifier"), "cue_text": N_("Cue word"),
        "cue_sound": N_("Cue word by sound"), "cue_fold": N_("Cue word through an accent"),
        "modality_negated": N_("Negation"), "modality_enquiry": N_("Enquiry"),
        "modality_reported": N_("Somebody else's words"), "slot": N_("Fact"),
        "short_reply": N_("Short reply"), "short_reply_question": N_("Answer to a question"),
        "short_reply_offer": N_("Answer to an offer"),
        "short_reply_anything_else": N_("Answer to: anything else?"),
        "low_confidence": N_("Heard unclearly"),
        "faq": N_("Closest question"), "corrected": N_("Corrected by an agent"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.DRAFT_PHASE: N_("The version is not that far, or is already further."),
    RefusalCode.DRAFT_RISKY: N_("The test is worse than before: say why it is published."),
    RefusalCode.DRAFT_OUTDATED: N_(
        "Another version was published since this draft began: bring it up to date first."
    ),
    RefusalCode.DRAFT_BROKEN: N_("The draft cannot be tried: check it first."),
    RefusalCode.DRAFT_ACTION: N_("That is no step of a draft."),
    RefusalCode.JOB_RUNNING: N_("A job is running: wait until it has ended."),
    RefusalCode.JOB_KIND: N_("There is no such job."),
    RefusalCode.LEARNING_OFF: N_("Learning from calls is not allowed: HOLDLINE_LEARN=true does."),
    RefusalCode.LEARNING_STATE: N_("The run is not that far, or one is going on already."),
    RefusalCode.LEARNING_MODEL: N_("The model before is not there any more."),
    RefusalCode.LEARN: N_("Say what is learned, and where to."),
    RefusalCode.AUDIO: N_("The recording cannot be read: speak again, or choose a WAV file."),
    RefusalCode.CORRECTION: N_("Choose what the caller meant."),
    RefusalCode.NO_KNOWLEDGE: N_("Nothing is published yet."),
}
