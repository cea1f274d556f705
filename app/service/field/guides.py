"""Guided fault finding, and reports of outages."""

from datetime import timedelta

from app.domain.calls.log_kind import CallLogKind
from app.domain.field import guide as machine
from app.domain.field.guide import ANSWERS, FaultTree, GuideState
from app.domain.ids import GuideId
from app.domain.refusal import Invalid, NotFound, RefusalCode
from app.service.calls import attention
from app.service.calls.records import CallEvent
from app.service.command import handles
from app.service.context import Context
from app.service.field.commands import ReportOutage, StepGuide
from app.service.field.records import FaultGuide, Grid, Outage
from app.service.lookup import own_call, require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.state_codec import dump

LONGEST_OUTAGE_HOURS = 72


def _tree(context: Context, code: str) -> FaultTree:
    found = next((t for t in context.content.current().faults if t.code == code), None)
    if found is None:
        raise NotFound(RefusalCode.FAULT_TREE, f"no fault tree {code!r}")
    return found


@handles(StepGuide)
def step_guide(command: StepGuide, uow: UnitOfWork, context: Context) -> GuideId:
    """One click of the agent. Raises Refused where the steps are at their end."""
    call = own_call(uow, command.call_id, command.actor)
    tree = _tree(context, command.tree)
    known = uow.find(FaultGuide, call_id=call.id, tree=tree.code)
    now = context.clock.now()
    row = (
        known[-1]
        if known
        else FaultGuide(call_id=call.id, tree=tree.code, state_json="", started_at=now)
    )
    state = _move(row.state if known else machine.begin(tree), tree, command.action)
    _keep(row, state, context)
    if not known:
        uow.add(row)
    uow.flush()
    uow.add(
        CallEvent(
            call_id=call.id, at=now, kind=CallLogKind.GUIDE, detail=f"{tree.code}:{command.action}"
        )
    )
    if state.ended:
        attention.use(uow, context, call.id, "fault")
    uow.notify(Notice(NoticeKind.CARD, call.id, command.actor.id or 0))
    assert row.id is not None  # noqa: S101  flushed
    return GuideId(row.id)


def _keep(row: FaultGuide, state: GuideState, context: Context) -> None:
    """Nothing else writes a guide."""
    row.state_json = dump(state)
    row.outcome = state.step if state.ended else ""
    row.ended_at = context.clock.now() if state.ended else None


def _move(state: GuideState, tree: FaultTree, action: str) -> GuideState:
    if action == "back":
        return machine.back(state)
    if action in ANSWERS:
        return machine.answer(state, tree, action)
    return machine.end(state, action)


@handles(ReportOutage)
def report_outage(command: ReportOutage, uow: UnitOfWork, context: Context) -> None:
    """Raises Invalid for a notice without words or an impossible time."""
    require(uow, Grid, command.grid_id)
    now = context.clock.now()
    if command.ended:
        for row in uow.find(Outage, grid_id=command.grid_id):
            row.ended_at = row.ended_at or now
    elif not command.text.strip() or not 0 < command.hours <= LONGEST_OUTAGE_HOURS:
        raise Invalid(RefusalCode.OUTAGE, "say what is down, and for how many hours (up to 72)")
    else:
        until = now + timedelta(hours=command.hours)
        uow.add(
            Outage(
                grid_id=command.grid_id,
                text=command.text.strip(),
                since=now,
                until=until,
                by=command.actor.display_name,
            )
        )
    uow.notify(Notice(NoticeKind.OUTAGE))
