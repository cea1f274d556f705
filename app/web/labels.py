"""Names of states, reasons and kinds on screens. ``N_`` marks a message for the catalogues."""


def N_(message: str) -> str:  # noqa: N802  the usual mark for extraction
    return message


LABELS: dict[str, dict[str, str]] = {
    "presence": {
        "offline": N_("Offline"), "ready": N_("Ready"), "break": N_("On break"),
        "ringing": N_("Ringing"), "talking": N_("In a call"), "wrap_up": N_("Wrapping up"),
    },
    "phase": {
        "offered": N_("Arriving"), "queued": N_("Waiting"), "ringing_agent": N_("Ringing"),
        "talking": N_("Talking"), "held": N_("On hold"), "robot": N_("Robot"),
        "voicemail_greeting": N_("Voicemail greeting"), "voicemail": N_("Leaving a message"),
        "voicemail_done": N_("Message taken"), "wrap_up": N_("Wrap-up"), "ended": N_("Ended"),
    },
    "outcome": {
        "": N_("In progress"), "abandoned": N_("Abandoned"),
        "caller_hung_up": N_("Caller hung up"), "agent_hung_up": N_("Agent hung up"),
        "voicemail": N_("Voicemail"), "bridge_lost": N_("Line lost"),
    },
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
    "disposition": {
        "kept": N_("Kept"), "proceeded": N_("Formalities"), "second_stage": N_("Second stage"),
        "fault_ticket": N_("Fault ticket"), "answered": N_("Question answered"),
        "registered": N_("Service registered"), "complaint": N_("Complaint"),
        "other": N_("Other"), "": "",
    },
    "voicemail": {
        "new": N_("New"), "claimed": N_("Being called back"), "done": N_("Settled"),
        "recording": N_("Recording"),
    },
    "role": {
        "agent": N_("Agent"), "technician": N_("Technician"), "supervisor": N_("Supervisor"),
        "manager": N_("Manager"), "administrator": N_("Administrator"),
    },
    "side": {"caller": N_("Caller"), "agent": N_("Agent")},
    "customer_status": {
        "active": N_("In use"), "suspended": N_("Suspended"), "stopped": N_("Stopped"),
    },
    "call_event": {
        "offered": N_("Call came in"), "Admitted": N_("Admitted"),
        "AgentChosen": N_("Agent chosen"), "AgentAnswered": N_("Agent answered"),
        "AgentFailed": N_("Agent did not answer"), "NobodyLeft": N_("Nobody available"),
        "TimerFired": N_("Time is up"), "SilenceHeard": N_("Silence"),
        "HoldRequested": N_("On hold"), "ResumeRequested": N_("Resumed"),
        "HangUpRequested": N_("Agent hung up"), "CallerHungUp": N_("Caller hung up"),
        "AgentHungUp": N_("Agent's phone hung up"), "BridgeLost": N_("Line lost"),
        "BridgeTookMessage": N_("Message taken without the centre"),
        "RecordingFailed": N_("Recording failed"), "WrapUpDone": N_("Wrap-up done"),
        "CustomerLinked": N_("Customer chosen"), "ticket_opened": N_("Ticket opened"),
        "case_kind": N_("Kind of stop noted"), "case_reason": N_("Reason noted"),
        "case_offer": N_("Offer made"), "case_accept": N_("Offer accepted"),
        "case_decline": N_("Offer declined"), "case_proceed": N_("Formalities begun"),
        "case_stay": N_("Stays anyway"), "RobotTook": N_("Robot"),
        "RobotHandedOver": N_("Handed over by the robot"),
        "corrected": N_("Understanding corrected"), "case_misheard": N_("Wish was misheard"),
    },
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
        "near": N_("Nearly the same text"),
    },
    "change": {"added": N_("new"), "removed": N_("removed"), "changed": N_("changed")},
    "change_what": {
        "entry": N_("FAQ entry"), "kind": N_("Intent"), "test": N_("Test"),
        "calibration": N_("Calibration"), "words": N_("Lexicon"),
    },
    "entry_field": {
        "family": N_("Family"), "question": N_("Question"), "similar": N_("Similar questions"),
        "spoken": N_("Spoken answer"), "answer": N_("Answer"), "valid_from": N_("Valid from"),
        "valid_until": N_("Valid until"), "handover": N_("Handover"), "name": N_("Name"),
        "phrases": N_("Phrases"), "faq": N_("Answered by"), "intent": N_("Intent"),
    },
    "edit": {
        "SaveEntry": N_("saved the entry"), "RemoveEntry": N_("removed the entry"),
        "AddQuestions": N_("added questions"), "SavePhrases": N_("saved the phrases of"),
        "AddPhrases": N_("added phrases"), "AddTest": N_("added the test"),
        "RemoveTest": N_("removed the test"), "ReplaceFiles": N_("imported"),
    },
    "item_source": {
        "unanswered": N_("Not answered"), "corrected": N_("Corrected by an agent"),
    },
    "item_state": {
        "open": N_("Open"), "learned": N_("Learned"), "dismissed": N_("Dismissed"),
    },
    "action": {"act": N_("Act"), "clarify": N_("Ask first"), "none": N_("Do nothing")},
    "expecting": {
        "": N_("nothing"), "question": N_("a yes-or-no question"), "offer": N_("an offer"),
        "anything_else": N_("anything else?"),
    },
    "slot": {
        "phone": N_("Phone"), "id_last4": N_("Last four of the ID"),
        "smart_card": N_("Smart card"), "box_no": N_("Box number"),
        "account_no": N_("Account number"), "amount": N_("Amount (yuan)"), "when": N_("When"),
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
        "faq": N_("Closest question"), "corrected": N_("Corrected by an agent"),
    },
}  # fmt: skip

#: What refusals say to people, by their code; the detail is for programs.
REFUSALS: dict[str, str] = {
    "call_phase": N_("That is not possible in this phase of the call."),
    "presence": N_("That is not possible in your present state."),
    "no_line": N_("Enter the SIP address of your phone first."),
    "case_phase": N_("That is not possible in this phase of the case."),
    "case_open": N_("A retention case is open for this call already."),
    "offer_repeated": N_("This offer was already made to this customer."),
    "offer_unfit": N_("This offer does not fit this customer, or was made before."),
    "not_yours": N_("This belongs to another agent."),
    "not_live": N_("This call has ended."),
    "not_found": N_("That does not exist (any more)."),
    "disposition": N_("Choose what came of the call."),
    "ticket_address": N_("A field ticket needs an address."),
    "ticket_phone": N_("A field ticket needs a phone number to call."),
    "ticket_grid": N_("Choose the grid: the caller is not a known customer."),
    "ticket_state": N_("That is not possible in this state of the ticket."),
    "ticket_reason": N_("Say why the customer was lost."),
    "claimed": N_("Another agent takes care of this message."),
    "done": N_("This message is settled already."),
    "simulator_busy": N_("Wait until a simulated call has ended."),
    "scenario": N_("There is no such scenario."),
    "draft_phase": N_("The version is not that far, or is already further."),
    "draft_risky": N_("The test is worse than before: say why it is published."),
    "draft_outdated": N_(
        "Another version was published since this draft began: export the draft,"
        " discard it and import it again."
    ),
    "draft_broken": N_("The draft cannot be tried: check it first."),
    "job_running": N_("A job is running: wait until it has ended."),
    "learn": N_("Say what is learned, and where to."),
    "audio": N_("The recording cannot be read: speak again, or choose a WAV file."),
    "correction": N_("Choose what the caller meant."),
    "sip_uri": N_("Expected an address such as sip:1001@192.168.1.20:5060."),
}

#: What can be wrong with content: the messages of ContentError.
CONTENT_FAULTS: tuple[str, ...] = (
    N_("{file}, line {line}: {fault}"),
    N_("neither UTF-8 nor GBK; save it as CSV UTF-8 and try again"),
    N_("the file is missing"),
    N_("holds binary data; expected CSV"),
    N_("expected the columns {columns}; got {got}"),
    N_("expected {count} fields"),
    N_("no valid CSV: {fault}"),
    N_("id {id} is there already, in line {first}"),
    N_("{field} must not be empty"),
    N_("expected an id of letters, digits and hyphens, got {got}"),
    N_("a question has one line of at most {most} characters"),
    N_("an answer has at most {most} characters"),
    N_("expected a date such as 2026-01-31, got {got}"),
    N_("expected yes or no for handover, got {got}"),
    N_("{got} is there already"),
    N_("no valid YAML: {fault}"),
    N_("the file is empty"),
    N_("expected {what}"),
    N_("expected {what} as text"),
    N_("expected a list of {what}"),
    N_("{key} is missing"),
    N_("section {key} is missing or has another shape"),
    N_("there is no entry {got}"),
    N_("there is no intent {got}"),
    N_("entry {got} was removed meanwhile"),
    N_("entry {got} was changed meanwhile: look at it again"),
    N_("intent {got} needs at least one phrase"),
    N_("a test needs the words of a caller"),
    N_("expected one of {names}"),
    N_("larger than {most} MB"),
    N_("choose at least one of {names}"),
    N_("not a zip file"),
    N_("a question must not contain {got}"),
    N_("cannot be read: {fault}"),
    N_("no valid offer: {fault}"),
)
