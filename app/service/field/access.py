"""Whose tickets somebody sees and moves: the one rule for pages, programs and commands."""

from app.domain.field.ticket import TicketEvent
from app.domain.ids import UserId
from app.domain.people.actor import Actor, ActorKind
from app.domain.people.permission import Permission
from app.domain.refusal import Forbidden, RefusalCode, Refused
from app.language.understanding.redact import mask_number
from app.service.calls.records import Call
from app.service.field.records import FieldTicket

#: No user has this id: a technician's token that was made for nobody sees nothing.
_NOBODY = UserId(-1)


def only_technician(actor: Actor) -> UserId | None:
    """Whose tickets the actor is shown; None for everybody's. Raises Forbidden."""
    if actor.may(Permission.SEE_TICKETS):
        return None
    if actor.may(Permission.SEE_OWN_TICKETS):
        return actor.id if actor.id is not None else _NOBODY
    raise Forbidden(f"{actor.name} may not see tickets")


def check_seen(actor: Actor, ticket: FieldTicket) -> None:
    """Raises Forbidden for a ticket that is not the actor's to see."""
    only = only_technician(actor)
    if only is not None and ticket.technician_id != only:
        raise Forbidden("this ticket belongs to another technician")


def may_work(actor: Actor, ticket: FieldTicket) -> bool:
    """Whether the actor may move this ticket."""
    own = actor.may(Permission.WORK_OWN_TICKETS) and actor.is_user(ticket.technician_id)
    return own or actor.may(Permission.WORK_TICKETS)


def check_work(actor: Actor, ticket: FieldTicket, event: TicketEvent) -> None:
    """Raises Forbidden; whom a ticket is assigned to, a technician does not decide."""
    if event is TicketEvent.ASSIGN and not actor.may(Permission.WORK_TICKETS):
        raise Forbidden("tickets are assigned by supervisors")
    if not may_work(actor, ticket):
        raise Forbidden("this ticket belongs to another technician")


def check_opener(actor: Actor, call: Call, name: UserId | None) -> None:
    """Agents open tickets for their own calls and for those that are nobody's, in their own name;
    supervisors and programs for all, in any name. Raises Refused, Forbidden."""
    if actor.kind is not ActorKind.USER or actor.may(Permission.WORK_TICKETS):
        return
    if call.agent_id is not None and not actor.is_user(call.agent_id):
        raise Refused(RefusalCode.NOT_YOURS, "this call belongs to another agent")
    if name is not None and not actor.is_user(name):
        raise Forbidden("a person opens tickets in nobody else's name")


def shown_phone(actor: Actor, ticket: FieldTicket) -> str:
    """The customer's number: whole for whom the ticket is assigned to, who has to ring there;
    masked for everybody else, as in calls."""
    return ticket.phone if actor.is_user(ticket.technician_id) else mask_number(ticket.phone)
