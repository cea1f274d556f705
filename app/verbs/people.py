"""The verbs ``user`` and ``token``: people and programs that may log in."""

import argparse
import getpass
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.adapters.db.unit_of_work import SqlUnitOfWork
from app.bootstrap.store import Store, open_store
from app.service.people.passwords import hash_password, token_hash
from app.service.people.records import ApiToken, AuditEntry, User
from app.service.people.user_list import NewUser, UserListError, faults_of, read_users, refuse
from app.settings import Settings
from app.verbs import VerbError


def user(chosen: argparse.Namespace, settings: Settings) -> int:
    """Add those who may log in: all of them, or nobody."""
    if chosen.file is not None:
        numbered = _of_file(chosen.file)
    else:
        numbered = [(0, new) for new in _of_arguments(chosen)]
    users = [new for _, new in numbered]
    store = open_store(settings)
    _check_names(store, numbered, chosen.file)
    _add(store, users)
    for new in users:
        print(f"user {new.name} ({new.role})")
    return 0


def _of_file(path: Path) -> list[tuple[int, NewUser]]:
    try:
        return read_users(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise VerbError(f"{path}: {error}") from None
    except UserListError as error:
        raise VerbError(f"{path} was not loaded:\n{error}") from None


def _of_arguments(chosen: argparse.Namespace) -> list[NewUser]:
    password = chosen.password or getpass.getpass("password: ")
    users = [
        NewUser(name=name, role=chosen.role, password=password, display=chosen.display,
                line=chosen.line, authority=chosen.authority)
        for name in chosen.name
    ]  # fmt: skip
    faults = [fault for new in users for fault in faults_of(new)]
    if faults:
        raise VerbError(faults[0])
    if len(set(chosen.name)) < len(chosen.name):
        raise VerbError("a name stands there twice")
    return users


def _check_names(store: Store, numbered: Sequence[tuple[int, NewUser]], file: Path | None) -> None:
    """Raises VerbError where a name is taken."""
    with store.unit_of_work() as uow:
        taken = {found.name for found in uow.find(User)}
    faults = [(at, f"there is a user {u.name} already") for at, u in numbered if u.name in taken]
    if faults and file is None:
        raise VerbError(faults[0][1])
    try:
        refuse(faults)
    except UserListError as error:
        raise VerbError(f"{file} was not loaded:\n{error}") from None


def _add(store: Store, users: Sequence[NewUser]) -> None:
    """One transaction. Every password has a salt of its own, also where two are the same."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        hashes = list(pool.map(hash_password, [new.password for new in users]))
    with store.unit_of_work() as uow:
        for new, hashed in zip(users, hashes, strict=True):
            made = User(
                name=new.name,
                display_name=new.display or new.name,
                role=new.role,
                password_hash=hashed,
                line=new.line,
            )
            made.offer_authority = new.authority
            uow.add(made)
            uow.add(
                AuditEntry(at=store.clock.now(), who="cli", action="user_added", subject=new.name)
            )
        uow.commit()


def token(chosen: argparse.Namespace, settings: Settings) -> int:
    """Make a bearer token; it is shown once and only its hash is kept."""
    made = secrets.token_urlsafe(32)
    store = open_store(settings)
    now = store.clock.now()
    with store.unit_of_work() as uow:
        owner = _owner(uow, chosen.user)
        uow.add(
            ApiToken(
                token_hash=token_hash(made),
                name=chosen.name,
                role=chosen.role,
                created_at=now,
                user_id=owner,
            )
        )
        uow.add(
            AuditEntry(
                at=now, who="cli", action="token_created", subject=chosen.name, detail=chosen.role
            )
        )
        uow.commit()
    print(made)
    return 0


def _owner(uow: SqlUnitOfWork, name: str) -> int | None:
    """Whom a token is made for: a technician's shows the tickets of that technician alone."""
    if not name:
        return None
    found = uow.find(User, name=name, active=True)
    if not found:
        raise VerbError(f"there is no user {name}")
    return found[0].id
