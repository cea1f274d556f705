"""Refusals: the business says no before anything is changed, in words that can be translated."""

from enum import StrEnum


class RefusalCode(StrEnum):
    """Why something is refused. The values are part of the API (``code`` of an RFC 9457 answer);
    the words for people are in ``web/labels/X.py``, in both languages for every code."""

    AUDIO = "audio"
    CALL_PHASE = "call_phase"
    CALLBACK_DRAFT = "callback_draft"
    CALLBACK_EVENT = "callback_event"
    CALLBACK_STATE = "callback_state"
    CARD_FATE = "card_fate"
    CASE_ACTION = "case_action"
    CASE_KIND = "case_kind"
    CASE_OPEN = "case_open"
    CASE_PHASE = "case_phase"
    CASE_REASON = "case_reason"
    CLAIMED = "claimed"
    CORRECTION = "correction"
    CUSTOMER_NEEDS = "customer_needs"
    DESK_MODE = "desk_mode"
    DIALOG = "dialog"
    DISCLOSURE_STATE = "disclosure_state"
    DISPOSITION = "disposition"
    DONE = "done"
    DRAFT_ACTION = "draft_action"
    DRAFT_BROKEN = "draft_broken"
    DRAFT_OUTDATED = "draft_outdated"
    DRAFT_PHASE = "draft_phase"
    DRAFT_RISKY = "draft_risky"
    EXTENSION = "extension"
    FAULT_TREE = "fault_tree"
    FORBIDDEN = "forbidden"
    FORM = "form"
    FORM_FIELD = "form_field"
    GUIDE_ANSWER = "guide_answer"
    GUIDE_ENDED = "guide_ended"
    GUIDE_OUTCOME = "guide_outcome"
    GUIDE_START = "guide_start"
    HOURS = "hours"
    JOB_KIND = "job_kind"
    JOB_RUNNING = "job_running"
    KEY_REUSED = "key_reused"
    LEARN = "learn"
    LEARNING_MODEL = "learning_model"
    LEARNING_OFF = "learning_off"
    LEARNING_STATE = "learning_state"
    NO_KNOWLEDGE = "no_knowledge"
    NO_LINE = "no_line"
    NO_NUMBER = "no_number"
    NO_TRUNK = "no_trunk"
    NOT_FOUND = "not_found"
    NOT_LIVE = "not_live"
    NOT_READY = "not_ready"
    NOT_YOURS = "not_yours"
    OFFER_PRICE = "offer_price"
    OFFER_REASONS = "offer_reasons"
    OFFER_REPEATED = "offer_repeated"
    OFFER_TEXT = "offer_text"
    OFFER_UNFIT = "offer_unfit"
    OUTAGE = "outage"
    PRESENCE = "presence"
    PROMISE_DUE = "promise_due"
    REHEARING_STATE = "rehearing_state"
    SCENARIO = "scenario"
    SIMULATOR_BUSY = "simulator_busy"
    SIP_URI = "sip_uri"
    SMS_PHONE = "sms_phone"
    SMS_STATE = "sms_state"
    SMS_TEMPLATE = "sms_template"
    STOCK = "stock"
    TASK_OUTCOME = "task_outcome"
    TASK_STATE = "task_state"
    TICKET_ADDRESS = "ticket_address"
    TICKET_EVENT = "ticket_event"
    TICKET_GRID = "ticket_grid"
    TICKET_KIND = "ticket_kind"
    TICKET_PHONE = "ticket_phone"
    TICKET_REASON = "ticket_reason"
    TICKET_STATE = "ticket_state"
    TICKET_TECHNICIAN = "ticket_technician"
    VOICE = "voice"
    VOICE_PACE = "voice_pace"
    VOICE_TEXT = "voice_text"
    VOICEMAIL_ACTION = "voicemail_action"


class Refused(Exception):  # noqa: N818  a refusal is no error
    """What was asked is not allowed now. ``code`` is stable, ``detail`` is for people."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class NotFound(Refused):
    """What was asked for does not exist."""


class Invalid(Refused):
    """A value that cannot be: an offer without a price, a ticket without an address."""


class Forbidden(Refused):
    """Whoever asks may not do this, whatever the state of things."""

    def __init__(self, detail: str) -> None:
        super().__init__(RefusalCode.FORBIDDEN, detail)
