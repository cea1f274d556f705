"""Tasks left after calls: repairs, promises, call-backs."""

from collections.abc import Iterable
from datetime import timedelta

from app.domain.callbacks import task as machine
from app.domain.callbacks.task import TaskEvent, TaskState
from app.domain.ids import TaskId
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.service.callbacks.commands import SettleTask
from app.service.callbacks.records import Task
from app.service.calls.commands import Promise
from app.service.calls.records import Call
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import require
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork

_LONGEST_HOURS = 24 * 14


def keep_promises(
    uow: UnitOfWork, context: Context, call: Call, promises: Iterable[Promise]
) -> None:
    """Every promise becomes a task of the agent who made it."""
    for promise in promises:
        if promise.text.strip():
            uow.add(
                Task(
                    kind="promise",
                    text=promise.text.strip(),
                    phone=call.party_number,
                    created_at=context.clock.now(),
                    due_at=promise.due_at,
                    agent_id=call.agent_id,
                    call_id=call.id,
                    customer_id=call.customer_id,
                )
            )
            uow.notify(Notice(NoticeKind.TASK, call.id, call.agent_id or 0))


@handles(SettleTask)
def settle_task(command: SettleTask, uow: UnitOfWork, context: Context) -> TaskId:
    """Raises Refused for somebody else's task, Invalid for an unknown outcome."""
    task = require(uow, Task, command.task_id, lock=True)
    if not command.actor.is_user(task.agent_id):
        raise Refused(RefusalCode.NOT_YOURS, "this task belongs to another agent")
    if command.outcome not in set(TaskEvent) or not 0 < command.hours <= _LONGEST_HOURS:
        raise Invalid(RefusalCode.TASK_OUTCOME, "choose done, dropped, or how much later")
    _keep(task, TaskEvent(command.outcome), context, timedelta(hours=command.hours))
    task.note = command.note.strip() or task.note
    uow.notify(Notice(NoticeKind.TASK, task.call_id or "", command.actor.id or 0))
    return command.task_id


def repair_only(uow: UnitOfWork, context: Context, call_id: str, text: str) -> None:
    """Less was missed in a call than it seemed: its repair is smaller, or drops out where nothing
    is left (empty ``text``). One that a person has settled stays."""
    for task in uow.find(Task, call_id=call_id, kind="repair", state=TaskState.OPEN):
        if text:
            task.text = text
        else:
            _keep(task, TaskEvent.DROPPED, context, timedelta())
        uow.notify(Notice(NoticeKind.TASK, call_id, task.agent_id or 0))


def _keep(task: Task, event: TaskEvent, context: Context, wait: timedelta) -> None:
    """One event through the machine. Raises Refused; nothing else moves a task."""
    task.state = machine.step(TaskState(task.state), event)
    if task.state == TaskState.OPEN:
        task.due_at = context.clock.now() + wait
    else:
        task.done_at = context.clock.now()
