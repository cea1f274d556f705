"""Phases, outcomes and the log of calls in words for people, and what is refused in them."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "phase": {
        "offered": N_("Arriving"), "queued": N_("Waiting"), "ringing_agent": N_("Ringing"),
        "talking": N_("Talking"), "held": N_("On hold"), "robot": N_("Robot"),
        "voicemail_greeting": N_("Voicemail greeting"), "voicemail": N_("Leaving a message"),
        "voicemail_done": N_("Message taken"), "wrap_up": N_("Wrap-up"), "ended": N_("Ended"),
    },
    "outcome": {
        "": N_("In progress"), "abandoned": N_("Abandoned"),
        "caller_hung_up": N_("Caller hung up"), "agent_hung_up": N_("Agent hung up"),
        "voicemail": N_("Voicemail"), "bridge_lost": N_("Line lost"), "robot": N_("Robot"),
    },
    "disposition": {
        "kept": N_("Kept"), "proceeded": N_("Formalities"), "second_stage": N_("Second stage"),
        "fault_ticket": N_("Fault ticket"), "answered": N_("Question answered"),
        "registered": N_("Service registered"), "complaint": N_("Complaint"),
        "other": N_("Other"), "": "",
    },
    "side": {"caller": N_("Caller"), "agent": N_("Agent"), "robot": N_("Robot")},
    "call_event": {
        "offered": N_("Call came in"), "Admitted": N_("Admitted"),
        "AgentChosen": N_("Agent chosen"), "AgentAnswered": N_("Agent answered"),
        "AgentFailed": N_("Agent did not answer"), "NobodyLeft": N_("Nobody available"),
        "TimerFired": N_("Time is up"), "SilenceHeard": N_("Silence"),
        "HoldRequested": N_("On hold"), "ResumeRequested": N_("Resumed"),
        "HangUpRequested": N_("Agent hung up"), "CallerHungUp": N_("Caller hung up"),
        "AgentHungUp": N_("Agent's phone hung up"), "BridgeLost": N_("Line lost"),
        "BridgeTookMessage": N_("Message taken without the centre"),
        "RecordingFailed": N_("Recording failed"),
        "HearingFailed": N_("Recognition failed for a while"), "WrapUpDone": N_("Wrap-up done"),
        "CustomerLinked": N_("Customer chosen"), "ticket_opened": N_("Ticket opened"),
        "case_kind": N_("Kind of stop noted"), "case_reason": N_("Reason noted"),
        "case_offer": N_("Offer made"), "case_accept": N_("Offer accepted"),
        "case_decline": N_("Offer declined"), "case_proceed": N_("Formalities begun"),
        "case_stay": N_("Stays anyway"), "RobotTook": N_("Robot"),
        "RobotHandedOver": N_("Handed over by the robot"),
        "corrected": N_("Understanding corrected"), "case_misheard": N_("Wish was misheard"),
        "RobotFinished": N_("Robot said good-bye"),
        "guide": N_("Guided step"),
        "sms_queued": N_("Message sent"),
        "gate_alarm": N_("Good-bye before all was said"),
        "figure_wrong": N_("Wrong figure said"),
        "figure_right": N_("Figure put right"),
        "words_wrong": N_("Misleading words said"),
        "disclosure_ticked": N_("Statement ticked by hand"),
    },
    "care": {
        "crisis": N_("Words of not wanting to live"), "danger": N_("Danger"),
        "bereaved": N_("A death"), "minor": N_("A minor on the line"), "fraud": N_("Deceit"),
        "threat": N_("Threatens with authorities or press"), "abroad": N_("Away or abroad"),
    },
    "rehearing": {
        "waiting": N_("Waits to be heard again"), "heard": N_("Heard again"),
        "unheard": N_("Could not be heard again"),
    },
    "unheard": {
        "": "", "no_recording": N_("there is no recording"),
        "recording_missing": N_("the recording is not there"),
        "recording_damaged": N_("the recording is damaged"),
        "no_answer": N_("the second pass did not answer"),
    },
    "desk_mode": {"": N_("Novice"), "novice": N_("Novice"), "expert": N_("Expert")},
    "card_family": {
        "disconnect": N_("Stop"), "fault": N_("Fault"), "billing": N_("Bill"), "plan": N_("Plan"),
        "service": N_("Service"), "complaint": N_("Complaint"), "human": N_("Person wanted"),
        "none": N_("Other"),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {
    RefusalCode.CALL_PHASE: N_("That is not possible in this phase of the call."),
    RefusalCode.NOT_LIVE: N_("This call has ended."),
    RefusalCode.NO_NUMBER: N_("That is no telephone number that can be dialled."),
    RefusalCode.NO_TRUNK: N_("No line to the outside: set HOLDLINE_TRUNK, or dial by hand."),
    RefusalCode.DISPOSITION: N_("Choose what came of the call."),
    RefusalCode.PROMISE_DUE: N_("A promise needs a day and a time."),
    RefusalCode.REHEARING_STATE: N_("This call was heard again already."),
    RefusalCode.CARD_FATE: N_("A card can be answered, put away or brought back."),
    RefusalCode.DESK_MODE: N_("Choose one of the two views of the desk."),
    RefusalCode.EXTENSION: N_("The line behind the PBX cannot do this."),
    RefusalCode.SIMULATOR_BUSY: N_("Wait until a simulated call has ended."),
    RefusalCode.SCENARIO: N_("There is no such scenario."),
}
