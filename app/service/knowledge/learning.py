"""What live calls teach: hits of entries, unanswered and corrected utterances, differences."""

import json

from app.domain.calls.log_kind import CallLogKind
from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.language.understanding.normalise import normalise
from app.language.understanding.redact import redact
from app.language.understanding.understood import Evidence, FaqAnswer, Understanding
from app.service.calls import attention
from app.service.calls.records import CallEvent, Utterance
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge.commands import (
    CorrectUtterance,
    CorrectWords,
    DismissItem,
    NoteShadow,
)
from app.service.knowledge.learning_queue import settle
from app.service.knowledge.records import (
    AnswerHit,
    KnowledgeVersion,
    LearningItem,
    ShadowDifference,
)
from app.service.lookup import own_call, require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention import cases
from app.service.state_codec import dump

#: Shorter utterances say nothing by themselves.
FEWEST_CHARACTERS = 5
LONGEST_KEPT = 500
#: Of what a person says was said.
LONGEST_WORDS = 500
NOTHING = "none.other"


def note_answers(
    uow: UnitOfWork, context: Context, utterance: Utterance, heard: Understanding
) -> None:
    """Which entries were found for an utterance; one that meant nothing goes to the queue."""
    assert utterance.id is not None  # noqa: S101  flushed
    now = context.clock.now()
    for rank, answer in enumerate(heard.faq):
        uow.add(
            AnswerHit(
                at=now, entry=answer.id, utterance_id=utterance.id, rank=rank, score=answer.score
            )
        )
    nothing = heard.intent == NOTHING and heard.action == "none" and not heard.slots
    if nothing and not heard.faq and len(normalise(utterance.text).text) >= FEWEST_CHARACTERS:
        uow.add(
            LearningItem(
                at=now,
                source="unanswered",
                text=redact(utterance.text)[:LONGEST_KEPT],
                heard=heard.intent,
                call_id=utterance.call_id,
                utterance_id=utterance.id,
            )
        )


def forget_answers(uow: UnitOfWork, utterance: Utterance) -> None:
    """What was noted of an utterance that says something else now; what a person has looked at
    stays."""
    uow.remove(AnswerHit, utterance_id=utterance.id)
    for item in uow.find(LearningItem, utterance_id=utterance.id, source="unanswered"):
        if item.state == "open":
            uow.remove(LearningItem, id=item.id)


@handles(CorrectUtterance)
def correct_utterance(command: CorrectUtterance, uow: UnitOfWork, context: Context) -> None:
    """The card follows at once; what is learned from it, a supervisor decides."""
    utterance = require(uow, Utterance, command.utterance_id, lock=True)
    call = own_call(uow, utterance.call_id, command.actor)
    was = utterance.understanding
    if was is None:
        raise Invalid(RefusalCode.CORRECTION, "only what the caller said can be corrected")
    right = _corrected(utterance.text, was, command, context)
    uow.add(
        LearningItem(
            at=context.clock.now(),
            source="corrected",
            text=redact(utterance.text)[:LONGEST_KEPT],
            heard=was.intent,
            heard_faq=was.faq[0].id if was.faq else "",
            wanted=right.intent,
            wanted_faq=command.wanted_faq,
            call_id=call.id,
            utterance_id=utterance.id,
            reported_by=command.actor.display_name,
        )
    )
    utterance.intent, utterance.action = right.intent, right.action
    utterance.understanding_json = dump(right)
    uow.add(
        CallEvent(
            call_id=call.id, at=context.clock.now(), kind=CallLogKind.CORRECTED, detail=right.intent
        )
    )
    attention.override(uow, context, command.utterance_id)
    attention.show(uow, context, utterance, right)
    if was.family == "disconnect" and right.family != "disconnect":
        cases.withdraw(uow, context, call)
    cases.hear(uow, context, call, right)
    said = Notice(
        NoticeKind.UTTERANCE, call.id, command.actor.id or 0,
        subject_id=command.utterance_id, side=utterance.side,
    )  # fmt: skip
    uow.notify(said)
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))
    uow.notify(Notice(NoticeKind.KNOWLEDGE))


def _corrected(
    text: str, was: Understanding, command: CorrectUtterance, context: Context
) -> Understanding:
    """What the agent says it means; an entry alone brings the family that it belongs to."""
    content = context.content.current()
    family, _, kind = command.wanted.partition(".")
    kind_meant = content.knowledge.kind(command.wanted)
    answered_by = command.wanted_faq or (kind_meant.faq if kind_meant is not None else "")
    entry = content.faq_entry(answered_by) if answered_by else None
    if command.wanted_faq and entry is None:
        raise Invalid(RefusalCode.CORRECTION, f"there is no entry {command.wanted_faq!r}")
    if kind_meant is None and (command.wanted or entry is None):
        raise Invalid(RefusalCode.CORRECTION, f"there is no intent {command.wanted!r}")
    if entry is not None and not command.wanted:
        family, kind = entry.family, "enquiry"
    answers = (FaqAnswer(entry.id, entry.question, 1.0),) if entry is not None else ()
    evidence = (Evidence("corrected", text, 1.0, 0, len(text)),)
    action = "none" if family == "none" else "act"
    return Understanding(
        text, family, kind, 1.0, action, was.slots, answers, evidence, corrected=True
    )


@handles(CorrectWords)
def correct_words(command: CorrectWords, uow: UnitOfWork, context: Context) -> None:
    """What was heard stays beside it. Raises NotFound, Invalid."""
    utterance = require(uow, Utterance, command.utterance_id, lock=True)
    if utterance.call_id != command.call_id:
        raise NotFound(RefusalCode.NOT_FOUND, f"no utterance {command.utterance_id} in this call")
    if len(command.text) > LONGEST_WORDS:
        raise Invalid(RefusalCode.CORRECTION, f"more than {LONGEST_WORDS} characters")
    utterance.right_text = command.text.strip()


@handles(DismissItem)
def dismiss_item(command: DismissItem, uow: UnitOfWork, context: Context) -> None:
    settle(uow, context, command.item_id, command.actor.display_name, "dismissed")
    uow.notify(Notice(NoticeKind.KNOWLEDGE))


@handles(NoteShadow)
def note_shadow(command: NoteShadow, uow: UnitOfWork, context: Context) -> None:
    """Every utterance that the draft saw is counted; those that differ are kept."""
    version = require(uow, KnowledgeVersion, command.version_id, lock=True)
    if not version.shadow:
        return
    version.shadow_seen += 1
    if command.live is None or command.draft is None:
        return
    assert version.id is not None  # noqa: S101  stored
    uow.add(
        ShadowDifference(
            version_id=version.id,
            at=context.clock.now(),
            text=redact(command.text)[:LONGEST_KEPT],
            live_json=_decision(command.live),
            draft_json=_decision(command.draft),
            utterance_id=command.utterance_id,
        )
    )


def _decision(heard: Understanding) -> str:
    first = heard.faq[0] if heard.faq else None
    return json.dumps({
        "intent": heard.intent, "action": heard.action, "confidence": round(heard.confidence, 3),
        "faq": first.id if first else "", "score": first.score if first else 0,
    })  # fmt: skip


def differs(live: Understanding, other: Understanding) -> bool:
    """Whether two engines decide differently: intent, action, or the first answer."""
    first = [h.faq[0].id if h.faq else "" for h in (live, other)]
    return (live.intent, live.action, first[0]) != (other.intent, other.action, first[1])
