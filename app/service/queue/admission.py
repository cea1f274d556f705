"""Who takes a call that has just come: the queue, or the robot where nobody can answer soon."""

from app.domain.calls import machine
from app.domain.calls.machine import Phase
from app.service.command import handles
from app.service.context import Context
from app.service.ports import UnitOfWork
from app.service.queue.commands import AdmitCall


@handles(AdmitCall)
def admit(
    command: AdmitCall, uow: UnitOfWork, context: Context
) -> machine.Admitted | machine.RobotTook:
    """By the hours and holidays, who is there, and how many wait (0: never too many)."""
    open_now = context.hours.is_open(context.clock.local())
    staffed = bool(uow.staffed_agents())
    waiting = len(uow.calls_in([Phase.QUEUED])) if command.overload else 0
    busy = bool(command.overload) and waiting >= command.overload
    if command.robot and (busy or not (open_now and staffed)):
        return machine.RobotTook()
    return machine.Admitted(open_now, staffed)
