"""Voice messages: where they begin and end, what was said in them, who takes care of them."""

from app.domain.callbacks.callback import Asked, draft_of
from app.domain.callbacks.voicemail import VoicemailEvent, VoicemailState
from app.domain.ids import VoicemailId
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.media.g711 import FRAME_MS
from app.service.callbacks import callback_list
from app.service.callbacks.commands import FileVoicemail, SettleVoicemail
from app.service.callbacks.records import Voicemail
from app.service.callbacks.voicemail_state import keep
from app.service.calls.records import Call, Utterance
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import acting_user, require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork


@handles(FileVoicemail)
def file_voicemail(command: FileVoicemail, uow: UnitOfWork, context: Context) -> None:
    """Note the beginning of a message, and its end when that is known."""
    call = require(uow, Call, command.call_id, lock=True)
    message = _message(uow, context, call, command.start_frame)
    if command.end_frame is not None:
        message.end_ms = command.end_frame * FRAME_MS


def _message(uow: UnitOfWork, context: Context, call: Call, start_frame: int) -> Voicemail:
    known = uow.find(Voicemail, call_id=call.id)
    if known:
        return known[0]
    message = Voicemail(
        call_id=call.id,
        caller=call.party_number,
        received_at=context.clock.now(),
        start_ms=start_frame * FRAME_MS,
        end_ms=0,
        customer_id=call.customer_id,
        state=VoicemailState.RECORDING,
    )
    uow.add(message)
    uow.flush()
    return message


def close_message(uow: UnitOfWork, context: Context, call: Call, start_frame: int | None) -> None:
    """The call is over: text and intent of the message from what was heard in it."""
    message = _message(uow, context, call, start_frame or 0)
    if message.end_ms == 0:
        message.end_ms = call.frames * FRAME_MS
    asked = _asked(uow, message)
    message.text, message.intent = asked.text, asked.intent
    call.intent = call.intent or message.intent
    if message.state == VoicemailState.RECORDING:
        keep(message, VoicemailEvent.COMPLETE, context)
        callback_list.note(uow, context, call, "voicemail", asked.text, draft=asked.draft)
    uow.notify(Notice(NoticeKind.VOICEMAIL, call.id, subject_id=message.id or 0))


def hear_again(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The call was heard again: the message, if there is one, says what its utterances say now.

    The text follows in any case; what it asks for only while nobody takes care of it.
    """
    for message in uow.find(Voicemail, call_id=call.id):
        asked = _asked(uow, message)
        if asked.text == message.text:
            continue
        before = Asked(message.text, message.intent, draft_of(message.intent, {}, message.text))
        message.first_text = message.first_text or message.text
        message.text = asked.text
        if message.state == VoicemailState.NEW:
            message.intent = asked.intent
        callback_list.hear_again(uow, context, call, before, asked)
        uow.notify(Notice(NoticeKind.VOICEMAIL, call.id, subject_id=message.id or 0))


def _asked(uow: UnitOfWork, message: Voicemail) -> Asked:
    """What the caller said in a message, and what for: a wish to stop before anything else."""
    said = uow.find(Utterance, call_id=message.call_id, side="caller")
    heard = sorted(
        (u for u in said if u.end_ms > message.start_ms), key=lambda u: (u.start_ms, u.id or 0)
    )
    intents = [u.intent for u in heard if u.action == "act" and not u.intent.startswith("none")]
    stops = [intent for intent in intents if intent.startswith("disconnect")]
    intent = next(iter((*stops, *intents)), "")
    text = " ".join(u.text for u in heard)
    return Asked(text, intent, draft_of(intent, _said(heard), text))


def _said(heard: list[Utterance]) -> dict[str, str]:
    """What was named in a message: address, number, time; the last word counts."""
    slots: dict[str, str] = {}
    for utterance in heard:
        if (understood := utterance.understanding) is not None:
            slots.update(understood.slots)
    return slots


@handles(SettleVoicemail)
def settle_voicemail(command: SettleVoicemail, uow: UnitOfWork, context: Context) -> VoicemailId:
    """Claim a message, or be done with it. Raises Refused where somebody else has it."""
    message = require(uow, Voicemail, command.voicemail_id, lock=True)
    if message.claimed_by is not None and not command.actor.is_user(message.claimed_by):
        raise Refused(RefusalCode.CLAIMED, "another agent takes care of this message")
    if command.action not in ("claim", "done"):
        raise Invalid(RefusalCode.VOICEMAIL_ACTION, f"unknown action {command.action!r}")
    user = acting_user(uow, command.actor)
    keep(message, VoicemailEvent(command.action), context, user.id, command.note.strip())
    uow.notify(Notice(NoticeKind.VOICEMAIL, message.call_id, subject_id=message.id or 0))
    return command.voicemail_id
