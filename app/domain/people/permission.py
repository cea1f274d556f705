"""What somebody may do: a vocabulary of permissions, and which role has which.

A role is a name for a set of permissions; nothing else in the house compares roles.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """One thing that somebody may do. ``OWN`` permissions reach as far as one's own work."""

    TAKE_CALLS = "take_calls"
    SEE_OWN_CALLS = "see_own_calls"
    SEE_CALLS = "see_calls"
    SEE_FLOOR = "see_floor"
    MANAGE_AGENTS = "manage_agents"
    CALL_BACK = "call_back"
    SEE_CALLBACKS = "see_callbacks"
    SEE_OWN_TICKETS = "see_own_tickets"
    SEE_TICKETS = "see_tickets"
    OPEN_TICKETS = "open_tickets"
    WORK_OWN_TICKETS = "work_own_tickets"
    WORK_TICKETS = "work_tickets"
    REPORT_OUTAGES = "report_outages"
    SET_STOCK = "set_stock"
    EDIT_KNOWLEDGE = "edit_knowledge"
    EDIT_ROBOT = "edit_robot"
    UNDERSTAND = "understand"
    LOG_IN = "log_in"
    MANAGE_PEOPLE = "manage_people"
    TEACH_SPEECH = "teach_speech"
    RUN_LINE = "run_line"


class Role(StrEnum):
    """The jobs of DOMAIN: agent 话务员, technician 装维, supervisor 班组长, manager 主管."""

    AGENT = "agent"
    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


_P = Permission
EVERYBODY: Final = frozenset({_P.UNDERSTAND, _P.LOG_IN})
_READER: Final = EVERYBODY | {
    _P.SEE_CALLS, _P.SEE_FLOOR, _P.SEE_CALLBACKS, _P.CALL_BACK, _P.SEE_TICKETS,
    _P.REPORT_OUTAGES, _P.SET_STOCK, _P.EDIT_KNOWLEDGE, _P.EDIT_ROBOT,
}  # fmt: skip
_SUPERVISOR: Final = _READER | {_P.MANAGE_AGENTS, _P.OPEN_TICKETS, _P.WORK_TICKETS}

#: ``RUN_LINE`` belongs to the house itself: no role has it.
ROLE_PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.AGENT: EVERYBODY
    | {
        _P.TAKE_CALLS, _P.SEE_OWN_CALLS, _P.SEE_CALLBACKS, _P.CALL_BACK, _P.SEE_TICKETS,
        _P.OPEN_TICKETS,
    },
    Role.TECHNICIAN: EVERYBODY | {_P.SEE_OWN_TICKETS, _P.WORK_OWN_TICKETS},
    Role.SUPERVISOR: _SUPERVISOR,
    Role.MANAGER: _READER,
    Role.ADMINISTRATOR: _SUPERVISOR | {_P.MANAGE_PEOPLE, _P.TEACH_SPEECH},
}  # fmt: skip


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles that have a permission."""
    return tuple(role for role, has in ROLE_PERMISSIONS.items() if permission in has)


def permissions_of(role: str) -> frozenset[Permission]:
    """What a role may do; nothing for a role that nobody knows."""
    try:
        return ROLE_PERMISSIONS[Role(role)]
    except ValueError:
        return frozenset()
