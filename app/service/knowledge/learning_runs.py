"""Runs of learning from own calls: asked for, moved through their machine, rolled back."""

import json
from collections.abc import Sequence
from datetime import timedelta

from app.domain.ids import LearningRunId
from app.domain.knowledge import learning_run as machine
from app.domain.knowledge.learning_run import LearningEvent, LearningState
from app.domain.refusal import NotFound, RefusalCode, Refused
from app.service.command import handles
from app.service.context import Context
from app.service.knowledge.commands import (
    AskLearning,
    EndLostLearning,
    HoldLearning,
    InsistLearning,
    MoveLearning,
    RollBackLearning,
    TakeUpLearning,
)
from app.service.knowledge.records import LearningRun
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import ReadSession, UnitOfWork

#: A worker that has not said for so long that it lives is no more.
LEASE = timedelta(seconds=30)
#: So often a run is begun; then something is wrong with it and not with the house.
MOST_TRIES = 3
#: Details that are codes have words in web/labels/knowledge.py.
INTERRUPTED = "interrupted"


@handles(AskLearning)
def ask_learning(command: AskLearning, uow: UnitOfWork, context: Context) -> LearningRunId:
    """Who asks again is told of the same run. Raises Refused where the operator does not allow it,
    or where one is going on."""
    if not context.may_learn:
        raise Refused(RefusalCode.LEARNING_OFF, "HOLDLINE_LEARN=true allows it")
    _end_lost(uow, context)
    known = runs_in(uow, machine.OPEN)
    if known and known[0].state != LearningState.ASKED:
        raise Refused(RefusalCode.LEARNING_STATE, "a run is going on already")
    return _id(known[0] if known else _asked(command, uow, context))


def _asked(command: AskLearning, uow: UnitOfWork, context: Context) -> LearningRun:
    run = LearningRun(asked_at=context.clock.now(), asked_by=command.actor.display_name)
    uow.add(run)
    uow.flush()
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    return run


def _id(run: LearningRun) -> LearningRunId:
    assert run.id is not None  # noqa: S101  flushed
    return LearningRunId(run.id)


@handles(TakeUpLearning)
def take_up_learning(
    command: TakeUpLearning, uow: UnitOfWork, context: Context
) -> LearningRunId | None:
    _end_lost(uow, context)
    asked = runs_in(uow, (LearningState.ASKED,))
    if not asked:
        return None
    run = require(uow, LearningRun, asked[0].id, lock=True)
    _keep(run, LearningEvent.TAKEN_UP, context)
    run.tries += 1
    run.detail, run.claimed_until = "", context.clock.now() + LEASE
    return _id(run)


@handles(HoldLearning)
def hold_learning(command: HoldLearning, uow: UnitOfWork, context: Context) -> None:
    run = require(uow, LearningRun, command.run_id, lock=True)
    if run.state in machine.WORKING:
        run.claimed_until = context.clock.now() + LEASE


@handles(MoveLearning)
def move_learning(command: MoveLearning, uow: UnitOfWork, context: Context) -> None:
    """Raises Refused where the run is not that far, or was given up meanwhile."""
    run = require(uow, LearningRun, command.run_id, lock=True)
    _keep(run, command.event, context)
    run.detail = command.detail
    run.report_json = json.dumps({**run.report, **(command.report or {})}, ensure_ascii=False)
    run.model = command.model or run.model
    run.model_before = command.model_before or run.model_before
    if command.event is LearningEvent.APPLIED:
        _overtake(uow, run, context)
    uow.notify(Notice(NoticeKind.KNOWLEDGE))


def _overtake(uow: UnitOfWork, newest: LearningRun, context: Context) -> None:
    for run in runs_in(uow, (LearningState.USED, LearningState.UNJUDGED)):
        if run.id != newest.id:
            older = require(uow, LearningRun, run.id, lock=True)
            _keep(older, LearningEvent.OVERTAKEN, context)


@handles(EndLostLearning)
def end_lost_learning(command: EndLostLearning, uow: UnitOfWork, context: Context) -> None:
    _end_lost(uow, context)


def _end_lost(uow: UnitOfWork, context: Context) -> None:
    """Never the run of a worker that lives."""
    now = context.clock.now()
    for row in runs_in(uow, machine.WORKING):
        run = require(uow, LearningRun, row.id, lock=True)
        if run.claimed_until is not None and run.claimed_until > now:
            continue
        again = run.tries < MOST_TRIES
        _keep(run, LearningEvent.GAVE_WAY if again else LearningEvent.FAILED, context)
        run.detail = "" if again else INTERRUPTED
        uow.notify(Notice(NoticeKind.KNOWLEDGE))


@handles(InsistLearning)
def insist_learning(command: InsistLearning, uow: UnitOfWork, context: Context) -> None:
    run = require(uow, LearningRun, command.run_id, lock=True)
    _keep(run, LearningEvent.INSISTED, context)
    uow.notify(Notice(NoticeKind.KNOWLEDGE))


@handles(RollBackLearning)
def roll_back_learning(command: RollBackLearning, uow: UnitOfWork, context: Context) -> str:
    """Raises NotFound where no model that learned is in use."""
    used = runs_in(uow, (LearningState.USED,))
    if not used:
        raise NotFound(RefusalCode.LEARNING_STATE, "no model that learned from calls is in use")
    run = require(uow, LearningRun, used[-1].id, lock=True)
    _keep(run, LearningEvent.ROLLED_BACK, context)
    run.detail = command.actor.display_name
    uow.notify(Notice(NoticeKind.KNOWLEDGE))
    return run.model_before


def runs_in(reads: ReadSession, states: Sequence[LearningState]) -> list[LearningRun]:
    """Runs in one of these states, oldest first."""
    found = [run for state in states for run in reads.find(LearningRun, state=state)]
    return sorted(found, key=lambda run: run.id or 0)


def _keep(run: LearningRun, event: LearningEvent, context: Context) -> None:
    """One event through the machine. Raises Refused; nothing else moves a run."""
    run.state = machine.step(LearningState(run.state), event)
    working = run.state in (*machine.WORKING, LearningState.ASKED)
    run.ended_at = None if working else context.clock.now()
    if run.state not in machine.WORKING:
        run.claimed_until = None
