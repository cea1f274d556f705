"""Tasks left after calls: repairs, promises, call-backs."""

from collections.abc import Iterable
from datetime import timedelta

from app.domain.ids import TaskId
from app.domain.refusal import Invalid, Refused
from app.service.callbacks.commands import SettleTask
from app.service.callbacks.records import Task
from app.service.calls.commands import Promise
from app.service.calls.records import Call
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import require
from app.service.ports import Notice, UnitOfWork

OUTCOMES = ("done", "dropped", "later")
_LONGEST_HOURS = 24 * 14


def keep_promises(
    uow: UnitOfWork, context: Context, call: Call, promises: Iterable[Promise]
) -> None:
    """Every promise becomes a task of the agent who made it."""
    for promise in promises:
        if promise.text.strip():
            uow.add(Task(
                "promise", promise.text.strip(), call.caller, context.clock.now(), promise.due_at,
                agent_id=call.agent_id, call_id=call.id, customer_id=call.customer_id,
            ))  # fmt: skip
            uow.notify(Notice("task", call.id, call.agent_id or 0))


@handles(SettleTask)
def settle_task(command: SettleTask, uow: UnitOfWork, context: Context) -> TaskId:
    """Raises Refused for somebody else's task, Invalid for an unknown outcome."""
    task = require(uow, Task, command.task_id, lock=True)
    if not command.actor.is_user(task.agent_id):
        raise Refused("not_yours", "this task belongs to another agent")
    if command.outcome not in OUTCOMES or not 0 < command.hours <= _LONGEST_HOURS:
        raise Invalid("task_outcome", "choose done, dropped, or how much later")
    if task.state != "open":
        raise Refused("task_state", "this task is settled already")
    now = context.clock.now()
    task.note = command.note.strip() or task.note
    if command.outcome == "later":
        task.due_at = now + timedelta(hours=command.hours)
    else:
        task.state, task.done_at = command.outcome, now
    uow.notify(Notice("task", task.call_id or "", command.actor.id or 0))
    return command.task_id
