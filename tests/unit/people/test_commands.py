"""Every command is complete: a handler that answers with what it promises, and who may ask for it."""

from dataclasses import fields
from importlib import import_module
from typing import Any, get_args, get_type_hints

import pytest

from app.domain.people.actor import ROBOT, SYSTEM, Actor, verb
from app.domain.people.permission import (
    ROLE_PERMISSIONS,
    Permission,
    Role,
    permissions_of,
    roles_with,
)
from app.service import bus
from app.service.command import Command, SystemCommand, handler_of, handles
from app.settings import ROOT


def _commands() -> list[type[Command[Any]]]:
    modules = [import_module(f"app.service.{path.parent.name}.commands") for path in ROOT.glob("app/service/*/commands.py")]
    found = [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Command) and value.__module__ == module.__name__
    ]
    assert len(found) > 45
    return sorted(found, key=lambda command: command.__name__)


COMMANDS = _commands()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.__name__)
def test_its_handler_answers_with_what_it_promises(command: type[Command[Any]]) -> None:
    handler = handler_of(command)
    promised = get_args(vars(command)["__orig_bases__"][0])[0]
    hints = get_type_hints(handler)
    assert hints["return"] == (type(None) if promised is None else promised)
    assert hints["command"] is command


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.__name__)
def test_somebody_may_ask_for_it(command: type[Command[Any]]) -> None:
    needs = getattr(command, "needs", ())
    by_rule = command.needed is not Command.needed
    assert by_rule or needs
    if issubclass(command, SystemCommand):
        assert Permission.RUN_LINE in needs
    elif not by_rule:
        assert any(roles_with(need) for need in needs), "no role may do it"


def test_a_second_handler_is_a_fault() -> None:
    with pytest.raises(TypeError, match="two handlers"):
        handles(COMMANDS[0])(lambda *_: None)


def test_a_command_without_a_handler_is_named() -> None:
    class Unknown(SystemCommand[None]):
        pass

    with pytest.raises(LookupError, match="Unknown"):
        handler_of(Unknown)


def test_every_room_with_handlers_is_loaded_by_the_bus() -> None:
    rooms = {module.__name__ for module in bus.ROOMS}
    handlers = {handler_of(command).__module__ for command in COMMANDS}
    assert handlers <= rooms


def test_commands_are_given_by_keyword() -> None:
    """Two texts beside each other change places too easily."""
    assert not [(command.__name__, f.name) for command in COMMANDS for f in fields(command) if not f.kw_only]
    assert all(vars(command)["__dataclass_params__"].frozen and "__slots__" in vars(command) for command in COMMANDS)


def test_roles() -> None:
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert all(Permission.RUN_LINE not in has for has in ROLE_PERMISSIONS.values())
    assert permissions_of("gardener") == frozenset()
    assert roles_with(Permission.TAKE_CALLS) == (Role.AGENT,)
    assert Permission.WORK_TICKETS not in permissions_of("technician")
    assert Permission.SEE_CALLS not in permissions_of("agent")
    assert permissions_of("manager") < permissions_of("supervisor") < permissions_of("administrator")


def test_actors() -> None:
    agent = Actor.user(7, "1001", "李话务", "agent")
    assert agent.is_user(7) and not agent.is_user(8) and not agent.is_user(None)
    token = Actor.token("dispatch", "technician", 9)
    assert token.is_user(9) and token.name == "token:dispatch"
    assert not Actor.token("x", "supervisor").is_user(None), "nobody is nobody"
    assert verb("root").may(Permission.MANAGE_PEOPLE)
    assert SYSTEM.may(Permission.RUN_LINE) and not ROBOT.may(Permission.TAKE_CALLS)
    assert SYSTEM.for_user(3).is_user(3) and not SYSTEM.is_user(3)
