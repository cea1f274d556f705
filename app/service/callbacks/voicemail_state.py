"""The one place where a voice message is moved."""

from app.domain.callbacks import voicemail as machine
from app.domain.callbacks.voicemail import VoicemailEvent, VoicemailState
from app.service.callbacks.records import Voicemail
from app.service.context import Context


def keep(
    message: Voicemail, event: VoicemailEvent, context: Context,
    user_id: int | None = None, note: str = "",
) -> None:  # fmt: skip
    """One event through the machine. Raises Refused where the table says no."""
    message.state = machine.step(VoicemailState(message.state), event)
    message.claimed_by = user_id
    if message.state == VoicemailState.DONE:
        message.done_at, message.note = context.clock.now(), note
