"""A second hearing corrects an utterance in place, and everything that followed from the first.

What a person did stays: a meaning that an agent corrected, a card that was answered or acted on, a
statement that was ticked, a case with an offer or an answer in it. What only the words had done is
undone where they do not say it any more.
"""

from app.domain.calls.machine import Phase
from app.language.understanding.understood import Understanding
from app.service.calls import attention
from app.service.calls.commands import ReviseUtterance
from app.service.calls.records import LONGEST_MODEL_NAME, Call, CardFate, Utterance
from app.service.calls.said import keep_words, says_why
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge import learning
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.retention import cases, gate
from app.service.state_codec import dump

_IN_TALK = (Phase.TALKING, Phase.HELD)
#: Nobody is asked or shown anything any more: a second hearing takes back and completes, it
#: accuses nobody and begins no work.
OVER = (Phase.WRAP_UP, Phase.ENDED)


@handles(ReviseUtterance)
def revise_utterance(command: ReviseUtterance, uow: UnitOfWork, context: Context) -> None:
    """Words and meaning of the second hearing; one that was revised already stays as it is."""
    call = require(uow, Call, command.call_id, lock=True)
    utterance = require(uow, Utterance, command.utterance_id, lock=True)
    if utterance.heard_again:
        return
    utterance.heard_again, utterance.second_model = True, command.by[:LONGEST_MODEL_NAME]
    utterance.second_clear = command.clear
    text = "".join(word.word for word in command.words)
    if not text or text == utterance.text:
        return
    utterance.first_text, utterance.first_intent = utterance.text, utterance.intent
    keep_words(utterance, command.words)
    before, heard = utterance.understanding, command.understanding
    if before is not None and heard is not None and not before.corrected:
        _mean(uow, context, call, utterance, before, heard)
    if call.phase in _IN_TALK:
        gate.revise(uow, context, call, utterance, utterance.understanding)
    elif call.phase in OVER:
        gate.revise_later(uow, context, call, utterance)
    _tell(uow, call, utterance)


def _mean(
    uow: UnitOfWork, context: Context, call: Call, utterance: Utterance,
    before: Understanding, heard: Understanding,
) -> None:  # fmt: skip
    """Another understanding, and what hangs on it."""
    utterance.intent, utterance.action = heard.intent, heard.action
    utterance.understanding_json = dump(heard)
    learning.forget_answers(uow, utterance)
    learning.note_answers(uow, context, utterance, heard)
    _name_call(uow, call, before)
    if call.phase in (*_IN_TALK, Phase.ROBOT):
        _show_anew(uow, context, utterance, heard)
    if _is_wish(before) and not _is_wish(heard) and not _wishes(uow, call):
        _withdraw(uow, context, call, before)
    if call.phase in (*_IN_TALK, Phase.ROBOT):
        cases.hear(uow, context, call, heard)


def _show_anew(
    uow: UnitOfWork, context: Context, utterance: Utterance, heard: Understanding
) -> None:
    """A card that nobody has touched follows the words; one that was settled stays."""
    fates = uow.find(CardFate, utterance_id=utterance.id)
    if any(fate.fate != "shown" for fate in fates):
        return
    uow.remove(CardFate, utterance_id=utterance.id)
    attention.show(uow, context, utterance, heard)


def _is_wish(heard: Understanding) -> bool:
    return heard.family == "disconnect" and heard.action == "act"


def _wishes(uow: UnitOfWork, call: Call) -> bool:
    """Whether the caller asks to stop in any other sentence."""
    said = (u.understanding for u in uow.find(Utterance, call_id=call.id))
    return any(_is_wish(heard) for heard in said if heard is not None)


def _withdraw(uow: UnitOfWork, context: Context, call: Call, before: Understanding) -> None:
    """Only a case that nothing but these words has moved; what a person works on or has settled
    after the call is that person's."""
    if call.disposition or call.phase == Phase.WRAP_UP:
        return
    case = cases.case_of(uow, call.id)
    if case is None or not case.reason or case.reason == before.slots.get("reason"):
        cases.withdraw(uow, context, call)


def _name_call(uow: UnitOfWork, call: Call, before: Understanding) -> None:
    """What the call is about, if this sentence had said so or another says it now."""
    if call.intent == before.intent:
        call.intent = ""
    for utterance in uow.find(Utterance, call_id=call.id):
        heard = utterance.understanding
        if heard is not None and says_why(call, heard):
            call.intent = heard.intent


def _tell(uow: UnitOfWork, call: Call, utterance: Utterance) -> None:
    agent = call.agent_id or 0
    uow.notify(Notice(
        NoticeKind.UTTERANCE, call.id, agent, subject_id=utterance.id or 0, side=utterance.side,
    ))  # fmt: skip
    if utterance.side == "caller" and call.phase not in OVER:
        uow.notify(Notice(NoticeKind.CARD, call.id, agent))
