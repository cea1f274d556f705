"""What a caller wanted who hung up on the robot."""

from app.domain.callbacks.callback import draft_of
from app.domain.robot.vocabulary import Place
from app.service.callbacks import callback_list
from app.service.calls.records import Call
from app.service.context import Context
from app.service.ports import UnitOfWork
from app.service.robot.records import RobotTalk


def note_unfinished(uow: UnitOfWork, context: Context, call: Call) -> None:
    """The caller hung up on the robot: who wanted something that was not finished is rung back."""
    row = uow.get(RobotTalk, call.id)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = context.clock.now()
    state = row.state
    # who was only asked whether it is wanted has not asked for it
    asked_back = state.place in (Place.SURE, Place.GONE)
    if state.task and not asked_back and state.task not in state.finished and not state.outcome:
        what = state.values.get("what", "")
        draft = draft_of(call.intent or state.task, state.given(), what)
        callback_list.note(uow, context, call, "robot", what, draft=draft)
