"""Agents going ready, on break, offline; and what calls do to their presence."""

from app.domain.people.permission import Permission, permissions_of
from app.domain.queue.presence import Presence
from app.domain.refusal import Invalid, RefusalCode, Refused
from app.service.command import handles
from app.service.context import Context
from app.service.lookup import acting_user, require_user
from app.service.notices import Notice, NoticeKind
from app.service.ports import UnitOfWork
from app.service.queue.commands import ChangeLine, ChangePresence
from app.service.queue.presence import move, presence_of


@handles(ChangePresence)
def change_presence(command: ChangePresence, uow: UnitOfWork, context: Context) -> str:
    """The agent's own choice. Only moves that are the agent's to make."""
    if command.event not in ("go_ready", "go_break", "go_offline"):
        raise Invalid(RefusalCode.PRESENCE, f"unknown choice {command.event!r}")
    user = require_user(uow, command.user_id)
    if Permission.TAKE_CALLS not in permissions_of(user.role):
        raise Refused(RefusalCode.PRESENCE, "only agents take calls")
    if command.event == "go_ready" and not user.line:
        raise Refused(RefusalCode.NO_LINE, "enter the SIP address of your phone first")
    return move(uow, context, command.user_id, command.event).state


@handles(ChangeLine)
def change_line(command: ChangeLine, uow: UnitOfWork, context: Context) -> None:
    """Another phone; not in the middle of a call."""
    user = acting_user(uow, command.actor)
    row = presence_of(uow, user.id or 0, context)
    if Presence(row.state) in (Presence.RINGING, Presence.TALKING):
        raise Refused(RefusalCode.PRESENCE, "the phone cannot be changed during a call")
    user.line = command.line.strip()
    uow.notify(Notice(NoticeKind.PRESENCE, user_id=user.id or 0))
