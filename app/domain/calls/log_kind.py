"""What a call's log can say: one kind a line, stored by its value."""

from enum import StrEnum

from app.domain.calls import machine

#: What happens too often to be a line of the log.
QUIET = (machine.PromptPlayed, machine.DigitPressed)


class CallLogKind(StrEnum):
    """Values of the first part are names of the call machine's events, the rest what was done in
    the call. People read them through the labels of ``web/labels/calls.py``."""

    ADMITTED = "Admitted"
    AGENT_CHOSEN = "AgentChosen"
    NOBODY_LEFT = "NobodyLeft"
    AGENT_ANSWERED = "AgentAnswered"
    AGENT_FAILED = "AgentFailed"
    TIMER_FIRED = "TimerFired"
    SILENCE_HEARD = "SilenceHeard"
    HOLD_REQUESTED = "HoldRequested"
    RESUME_REQUESTED = "ResumeRequested"
    HANG_UP_REQUESTED = "HangUpRequested"
    CALLER_HUNG_UP = "CallerHungUp"
    AGENT_HUNG_UP = "AgentHungUp"
    BRIDGE_LOST = "BridgeLost"
    BRIDGE_TOOK_MESSAGE = "BridgeTookMessage"
    ROBOT_TOOK = "RobotTook"
    ROBOT_HANDED_OVER = "RobotHandedOver"
    ROBOT_FINISHED = "RobotFinished"
    WRAP_UP_DONE = "WrapUpDone"

    OFFERED = "offered"
    RECORDING_FAILED = "RecordingFailed"
    HEARING_FAILED = "HearingFailed"
    CUSTOMER_LINKED = "CustomerLinked"
    TICKET_OPENED = "ticket_opened"
    CASE_KIND = "case_kind"
    CASE_REASON = "case_reason"
    CASE_OFFER = "case_offer"
    CASE_ACCEPT = "case_accept"
    CASE_DECLINE = "case_decline"
    CASE_PROCEED = "case_proceed"
    CASE_STAY = "case_stay"
    CASE_MISHEARD = "case_misheard"
    GUIDE = "guide"
    SMS_QUEUED = "sms_queued"
    GATE_ALARM = "gate_alarm"
    FIGURE_WRONG = "figure_wrong"
    FIGURE_RIGHT = "figure_right"
    WORDS_WRONG = "words_wrong"
    DISCLOSURE_TICKED = "disclosure_ticked"
    CORRECTED = "corrected"


def kind_of(event: machine.Event) -> CallLogKind:
    """The log's name for an event of the call machine. Raises ValueError for a quiet one."""
    return CallLogKind(type(event).__name__)
