"""What the caller said, as the robot's machines take it."""

from app.domain.robot.speaker_vocabulary import CallerSaid
from app.domain.robot.vocabulary import Said
from app.language.understanding.normalise import searchable
from app.language.understanding.numbers import dictated
from app.language.understanding.understood import Understanding
from app.service.ports import Content


def said_of(found: Understanding, clear: float, content: Content) -> Said:
    """The dialog's event for an utterance. ``clear``: how sure the recogniser was, 0 to 1."""
    entry = content.faq_entry(found.faq[0].id) if found.faq else None
    answer = (entry.spoken or entry.answer) if entry is not None else ""
    slots, digits = dict(found.slots), dictated(found.text)
    return Said(found.text, found.intent, found.action, slots, digits, answer, clear)


def caller_said(found: Understanding, clear: float, content: Content) -> CallerSaid:
    """The same for the speaker, which lets a back-channel pass."""
    attention = content.dialogs.words.get("backchannel", ())
    return CallerSaid(
        said=said_of(found, clear, content), backchannel=searchable(found.text) in attention
    )
