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
    "sip_uri": N_("Expected an address such as sip:1001@192.168.1.20:5060."),
}
