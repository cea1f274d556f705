"""The application's front: one command, one handler, one transaction, then the notices.

Here, and nowhere else, it is checked whether the actor may do what is asked, and the audit log is
written, in the same transaction.
"""

from collections.abc import Hashable
from functools import cache
from typing import Any, Final, cast, get_args

from pydantic import TypeAdapter, ValidationError

from app.domain.people.actor import ActorKind
from app.domain.refusal import Forbidden, RefusalCode, Refused
from app.service.callbacks import handlers as callbacks
from app.service.callbacks import tasks, voicemails
from app.service.calls import attention, rehearing, revision
from app.service.calls import handlers as calls
from app.service.command import Command, R, handler_of
from app.service.context import Context
from app.service.field import guides
from app.service.field import handlers as tickets
from app.service.households import handlers as households
from app.service.households import short_messages
from app.service.knowledge import handlers as knowledge
from app.service.knowledge import jobs, learning, learning_runs
from app.service.people import handlers as people
from app.service.people.records import AuditEntry, IdempotencyKey
from app.service.ports import UnitOfWork, UnitOfWorkFactory
from app.service.queue import admission
from app.service.queue import handlers as queue
from app.service.retention import forms, gate, stock
from app.service.retention import handlers as cases
from app.service.robot import handlers as robot

#: The rooms whose handlers the bus finds: importing them registers what they carry out.
ROOMS: Final = (
    admission, attention, callbacks, calls, cases, forms, gate, guides, households, jobs, knowledge,
    learning, learning_runs, people, queue, rehearing, revision, robot, short_messages, stock,
    tasks, tickets, voicemails,
)  # fmt: skip
_AUDITED: Final = frozenset({ActorKind.USER, ActorKind.TOKEN, ActorKind.VERB})
_LONGEST_SUBJECT, _LONGEST_DETAIL = 64, 200


@cache
def result_of(kind: Any) -> TypeAdapter[Any]:
    """The codec of what a kind of command answers with, from its declaration; made once."""
    declared = vars(kind)["__orig_bases__"][0]
    return TypeAdapter(get_args(declared)[0])


class CommandBus:
    """``execute`` blocks (database); async code calls it through ``asyncio.to_thread``."""

    def __init__(self, unit_of_work: UnitOfWorkFactory, context: Context) -> None:
        self._unit_of_work = unit_of_work
        self.context = context

    def execute(self, command: Command[R]) -> R:
        """Carry a command out.

        Raises Refused where the business says no, Forbidden where the actor may not; nothing is
        stored then.
        """
        with self._unit_of_work() as uow:
            result = self._run(command, uow)
            uow.commit()
        return result

    def execute_once(self, key: str, command: Command[R]) -> R:
        """The stored answer where the key was seen before, else carry it out and store that."""
        codec: TypeAdapter[R] = result_of(cast("Hashable", type(command)))
        with self._unit_of_work() as uow:
            known = uow.get(IdempotencyKey, key)
            if known is not None:
                return _stored(codec, known.result)
            result = self._run(command, uow)
            text = codec.dump_json(result).decode()
            uow.add(IdempotencyKey(key=key, at=self.context.clock.now(), result=text))
            uow.commit()
        return result

    def _run(self, command: Command[R], uow: UnitOfWork) -> R:
        actor, needed = command.actor, command.needed()
        if not actor.may(*needed):
            raise Forbidden(f"{actor.name} lacks {' or '.join(needed)}")
        self._audit(command, uow)
        return handler_of(type(command))(command, uow, self.context)

    def _audit(self, command: Command[Any], uow: UnitOfWork) -> None:
        line = command.audit_line() if command.actor.kind in _AUDITED else None
        if line is not None:
            uow.add(AuditEntry(
                at=self.context.clock.now(), who=command.actor.name[:64], action=line.action,
                subject=line.subject[:_LONGEST_SUBJECT], detail=line.detail[:_LONGEST_DETAIL],
            ))  # fmt: skip


def _stored(codec: TypeAdapter[R], text: str) -> R:
    """The answer that was stored under a key. Raises Refused where another command stored it."""
    try:
        return codec.validate_json(text or "null")
    except ValidationError:
        raise Refused(RefusalCode.KEY_REUSED, "this key belongs to another click") from None
