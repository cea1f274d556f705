"""The verbs ``user`` and ``token``: people and programs that may log in."""

import argparse
import getpass
import secrets

from app.bootstrap.store import open_store
from app.domain.calls.sip_uri import parse_sip_uri
from app.domain.refusal import Refused
from app.service.people.records import ApiToken, AuditEntry, User
from app.settings import Settings
from app.verbs import VerbError
from app.web.people.auth import hash_password, token_hash


def user(chosen: argparse.Namespace, settings: Settings) -> int:
    """Add somebody who may log in."""
    if chosen.line:
        _check_line(chosen.line)
    password = chosen.password or getpass.getpass("password: ")
    if len(password) < 8:
        raise VerbError("a password has at least 8 characters")
    store = open_store(settings)
    with store.unit_of_work() as uow:
        if uow.find(User, name=chosen.name):
            raise VerbError(f"there is a user {chosen.name} already")
        display = chosen.display or chosen.name
        made = User(chosen.name, display, chosen.role, hash_password(password), chosen.line)
        made.offer_authority = chosen.authority
        uow.add(made)
        uow.add(AuditEntry(store.clock.now(), "cli", "user_added", chosen.name))
        uow.commit()
    print(f"user {chosen.name} ({chosen.role})")
    return 0


def _check_line(line: str) -> None:
    try:
        parse_sip_uri(line)
    except Refused as error:
        raise VerbError(str(error)) from None


def token(chosen: argparse.Namespace, settings: Settings) -> int:
    """Make a bearer token; it is shown once and only its hash is kept."""
    made = secrets.token_urlsafe(32)
    store = open_store(settings)
    now = store.clock.now()
    with store.unit_of_work() as uow:
        uow.add(ApiToken(token_hash(made), chosen.name, chosen.role, now))
        uow.add(AuditEntry(now, "cli", "token_created", chosen.name, chosen.role))
        uow.commit()
    print(made)
    return 0
