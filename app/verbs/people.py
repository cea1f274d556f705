"""People and programs: user, token, and the check of what supervisors write."""

import argparse
import getpass
import secrets

from app import bootstrap
from app.adapters.content_files import ContentError, load_content, read_tests
from app.domain.refusal import Refused
from app.domain.sip_uri import parse_sip_uri
from app.language.scoring import Score, score
from app.service import records
from app.settings import ROOT, Settings
from app.verbs import VerbError
from app.web.auth import hash_password, token_hash


def user(chosen: argparse.Namespace, settings: Settings) -> int:
    """Add somebody who may log in."""
    if chosen.line:
        _check_line(chosen.line)
    password = chosen.password or getpass.getpass("password: ")
    if len(password) < 8:
        raise VerbError("a password has at least 8 characters")
    store = bootstrap.open_store(settings)
    with store.unit_of_work() as uow:
        if uow.find(records.User, name=chosen.name):
            raise VerbError(f"there is a user {chosen.name} already")
        display = chosen.display or chosen.name
        made = records.User(chosen.name, display, chosen.role, hash_password(password), chosen.line)
        uow.add(made)
        uow.add(records.AuditEntry(store.clock.now(), "cli", "user_added", chosen.name))
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
    store = bootstrap.open_store(settings)
    now = store.clock.now()
    with store.unit_of_work() as uow:
        uow.add(records.ApiToken(token_hash(made), chosen.name, chosen.role, now))
        uow.add(records.AuditEntry(now, "cli", "token_created", chosen.name, chosen.role))
        uow.commit()
    print(made)
    return 0


def content(chosen: argparse.Namespace, settings: Settings) -> int:
    """``check`` reads everything that supervisors write; ``test`` runs faq/tests.csv."""
    del settings
    try:
        found = load_content(ROOT)
        rows = read_tests(ROOT / "faq/tests.csv", found.faq, found.engine.kinds.values())
    except ContentError as error:
        raise VerbError(str(error)) from None
    print(f"{len(found.faq)} FAQ entries, {len(found.engine.kinds)} intent kinds,"
          f" {len(found.offers)} offers, {len(rows)} test utterances: no fault")  # fmt: skip
    if chosen.action == "test":
        for name, rate in (("clean", 0.0), ("15 % noise", 0.15)):
            _print_score(name, score(found.engine, rows, rate))
    return 0


def _print_score(name: str, found: Score) -> None:
    print(f"{name:11} family macro-F1 {found.macro_f1:.3f}, FAQ top-1 {found.faq_top1:.3f}"
          f" top-3 {found.faq_top3:.3f}, false disconnects {len(found.false_disconnects)} of"
          f" {found.no_wishes}, disconnects lost {len(found.lost_disconnects)},"
          f" foreign questions answered {found.foreign_answered:.3f}")  # fmt: skip
    for text in found.false_disconnects:
        print(f"  false disconnect: {text}")
    for text in found.lost_disconnects:
        print(f"  lost disconnect: {text}")
