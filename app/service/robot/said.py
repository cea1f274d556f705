"""What the caller said, as the robot's machines take it."""

from dataclasses import replace

from app.domain.robot.speaker_vocabulary import CallerSaid
from app.domain.robot.vocabulary import Said
from app.domain.robot.wording import topics
from app.language.understanding.normalise import searchable
from app.language.understanding.numbers import dictated
from app.language.understanding.understood import Understanding
from app.service.ports import Content

#: What was heard less clearly than this has an answer only where the meaning is clear and the
#: answer this sure: a dialect or a noise sounds like one of many questions.
UNCLEAR, SURE_ANSWER = 0.8, 0.9


def said_of(found: Understanding, clear: float, content: Content) -> Said:
    """The dialog's event for an utterance; a second topic in it comes with the first. ``clear``:
    how sure the recogniser was, 0 to 1."""
    first, second = topics(found.text)
    said = _said(found, clear, content)
    if not second:
        return said
    of_first = _said(content.engine.understand(first), clear, content)
    of_second = _said(content.engine.understand(second), clear, content)
    if not (_wants(of_first) and _wants(of_second)) or of_first.intent == of_second.intent:
        return said
    slots = {**said.slots, **of_first.slots}
    return replace(of_first, text=found.text, slots=slots, digits=said.digits, later=of_second)


def _wants(said: Said) -> bool:
    """Whether a part of an utterance is a topic by itself."""
    own = said.action != "none" and said.family not in ("affirm", "deny", "none")
    return own or bool(said.answer)


def _said(found: Understanding, clear: float, content: Content) -> Said:
    entry = content.faq_entry(found.faq[0].id) if found.faq else None
    slots, digits = dict(found.slots), dictated(found.text)
    said = Said(found.text, found.intent, found.action, slots, digits, clear=clear)
    sure = found.action == "act" and bool(found.faq) and found.faq[0].score >= SURE_ANSWER
    if entry is None or (clear < UNCLEAR and not sure):
        return said
    answer = entry.spoken or entry.answer
    return replace(said, answer=answer, entry=entry.id, about=entry.family, deed=entry.deed)


def caller_said(found: Understanding, clear: float, content: Content) -> CallerSaid:
    """The same for the speaker, which lets a back-channel pass."""
    attention = content.dialogs.words.get("backchannel", ())
    return CallerSaid(
        said=said_of(found, clear, content), backchannel=searchable(found.text) in attention
    )
