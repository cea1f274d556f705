"""Finished calls are heard once more as a whole: which one is next, and what came of it.

Every call that was closed waits for it in a row of its own, also where nobody can hear again now.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import fmean

from app.domain.calls import rehearing as machine
from app.domain.calls.ids import CALLER
from app.domain.calls.log_kind import CallLogKind
from app.domain.calls.rehearing import RehearingEvent, RehearingState, Span
from app.domain.ids import UtteranceId
from app.language.understanding.modality import expected_after
from app.language.understanding.understood import Situation
from app.service.callbacks import voicemails
from app.service.callbacks.records import Voicemail
from app.service.calls.commands import (
    AddUtterance,
    ClaimRehearing,
    HoldRehearing,
    RehearingWork,
    SettleRehearing,
    Unrevised,
)
from app.service.calls.records import (
    LONGEST_MODEL_NAME,
    Call,
    CallEvent,
    Rehearing,
    Utterance,
)
from app.service.calls.reheard import FirstHearing
from app.service.calls.said import keep_words, says_why, stored_words
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge import learning
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.state_codec import dump

#: A brain that has not said for so long that it is at a call is no more.
LEASE = timedelta(minutes=3)
_GAP = re.compile(r"(\S+) (\d+)-(\d+) s")


def wait(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The call is over: it waits to be heard again; one that waits already stays as it is."""
    if uow.get(Rehearing, call.id) is not None or not call.frames:
        return
    now, local = context.clock.now(), context.clock.local()
    ended = call.ended_at or now
    day = ended.astimezone(local.tzinfo).date().isoformat()
    uow.add(Rehearing(call_id=call.id, day=day, ended_at=ended, next_at=now))


@handles(ClaimRehearing)
def claim(command: ClaimRehearing, uow: UnitOfWork, context: Context) -> RehearingWork | None:
    """Two brains never hear the same call again: one that is claimed is left to its brain."""
    row = uow.claimable_rehearing(context.clock.now())
    if row is None:
        return None
    row.claimed_until = context.clock.now() + LEASE
    call = require(uow, Call, row.call_id)
    said = sorted(uow.find(Utterance, call_id=call.id), key=lambda u: (u.start_ms, u.id or 0))
    began = (call.answered_at or call.started_at).astimezone(context.clock.local().tzinfo)
    return RehearingWork(
        call.id, call.recording, began, tuple(_unrevised(said, began)),
        tuple(_unsearched(uow, call)), tuple(_span(u) for u in said),
    )  # fmt: skip


def _span(utterance: Utterance) -> Span:
    return Span(utterance.side, utterance.start_ms, utterance.end_ms)


def _unrevised(said: Sequence[Utterance], began: datetime) -> Iterator[Unrevised]:
    """With what the caller's words answer to: the other side's last ones before them."""
    asked = ""
    for utterance in said:
        if not utterance.heard_again:
            assert utterance.id is not None  # noqa: S101  stored
            first = _first_hearing(utterance, began, asked)
            yield Unrevised(UtteranceId(utterance.id), _span(utterance), first)
        asked = "" if utterance.side == CALLER else utterance.text


def _first_hearing(utterance: Utterance, began: datetime, asked: str) -> FirstHearing:
    words, understanding = stored_words(utterance), utterance.understanding
    at = began + timedelta(milliseconds=utterance.start_ms)
    sure = fmean(word.confidence for word in words) if words else 0.0
    return FirstHearing(
        words=words, spoken_ms=utterance.end_ms - utterance.start_ms, understanding=understanding,
        situation=Situation(at, expected_after(asked), sure) if understanding else None,
    )  # fmt: skip


def _unsearched(uow: UnitOfWork, call: Call) -> Iterator[Span]:
    """The whole voice message, and the gaps of a recogniser that had failed."""
    for message in uow.find(Voicemail, call_id=call.id):
        yield Span(CALLER, message.start_ms, message.end_ms)
    for event in uow.find(CallEvent, call_id=call.id, kind=CallLogKind.HEARING_FAILED):
        gap = _GAP.fullmatch(event.detail)
        if gap is not None:
            yield Span(gap[1], int(gap[2]) * 1000, (int(gap[3]) + 1) * 1000)


@handles(HoldRehearing)
def hold(command: HoldRehearing, uow: UnitOfWork, context: Context) -> None:
    """A call that is settled stays settled."""
    row = require(uow, Rehearing, command.call_id, lock=True)
    if row.state == RehearingState.WAITING:
        row.claimed_until = context.clock.now() + LEASE


@handles(AddUtterance)
def add_utterance(command: AddUtterance, uow: UnitOfWork, context: Context) -> None:
    """What stands there already is not said twice."""
    call = require(uow, Call, command.call_id, lock=True)
    span = Span(command.side, command.start_ms, command.end_ms)
    if not machine.unheard([span], [_span(u) for u in uow.find(Utterance, call_id=call.id)]):
        return
    heard = command.understanding
    utterance = Utterance(
        call_id=call.id, side=command.side, start_ms=command.start_ms, end_ms=command.end_ms,
        intent=heard.intent if heard else "", action=heard.action if heard else "",
        understanding_json=dump(heard) if heard else "", heard_again=True,
        second_model=command.by[:LONGEST_MODEL_NAME], second_clear=command.clear,
    )  # fmt: skip
    keep_words(utterance, command.words)
    uow.add(utterance)
    uow.flush()
    if heard is not None:
        learning.note_answers(uow, context, utterance, heard)
        call.intent = heard.intent if says_why(call, heard) else call.intent
    uow.notify(Notice(
        NoticeKind.UTTERANCE, call.id, call.agent_id or 0, subject_id=utterance.id or 0,
        side=utterance.side,
    ))  # fmt: skip


@handles(SettleRehearing)
def settle(command: SettleRehearing, uow: UnitOfWork, context: Context) -> None:
    """Heard, or tried again later, or given up. A message says what its utterances say now."""
    row = require(uow, Rehearing, command.call_id, lock=True)
    if command.event not in machine.allowed(RehearingState(row.state)):
        return
    _keep(row, command.event, context)
    row.why = command.why or ""
    if row.state != RehearingState.WAITING:
        voicemails.hear_again(uow, context, require(uow, Call, row.call_id, lock=True))


def _keep(row: Rehearing, event: RehearingEvent, context: Context) -> None:
    """One event through the machine. Raises Refused; nothing else moves a rehearing."""
    now = context.clock.now()
    before = machine.Rehearing(row.next_at, RehearingState(row.state), row.tries)
    after = machine.step(before, event, now)
    row.state, row.tries, row.next_at = after.state, after.tries, after.next_at
    row.settled_at = None if after.state is RehearingState.WAITING else now
    row.claimed_until = None
