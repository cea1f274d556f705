"""A list of people who are to log in, as CSV: read whole, every fault with its line."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from app.domain.calls.sip_uri import parse_sip_uri
from app.domain.people.permission import Role
from app.domain.refusal import Refused
from app.service.people.passwords import SHORTEST_PASSWORD

_ROLES = tuple(role.value for role in Role)
_NEEDED = ("name", "role", "password")
_COLUMNS = (*_NEEDED, "display", "line", "authority")
_LONGEST = {"name": 64, "display": 64, "line": 200}
_AUTHORITIES = ("0", "1", "2")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """Somebody to add. ``authority``: up to which level an agent may make offers."""

    name: str
    role: str
    password: str
    display: str = ""
    line: str = ""
    authority: int = 0


class UserListError(Exception):
    """Nothing of a list can be used; the text has a line for each fault."""


def faults_of(user: NewUser) -> list[str]:
    """What is wrong with one of them, in words."""
    found = []
    if not user.name:
        found.append("there is no name")
    if user.role not in _ROLES:
        found.append(f"role {user.role!r}: expected one of {', '.join(_ROLES)}")
    if len(user.password) < SHORTEST_PASSWORD:
        found.append(f"a password has at least {SHORTEST_PASSWORD} characters")
    for field, longest in _LONGEST.items():
        if len(getattr(user, field)) > longest:
            found.append(f"{field}: expected at most {longest} characters")
    return [*found, *_line_faults(user.line)]


def _line_faults(line: str) -> list[str]:
    try:
        if line:
            parse_sip_uri(line)
    except Refused as error:
        return [str(error)]
    return []


def read_users(text: str) -> list[tuple[int, NewUser]]:
    """Every user with the line it stands in (from 1). Raises UserListError with all faults."""
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), restkey="")
    _check_headings(rows.fieldnames or ())
    users: list[tuple[int, NewUser]] = []
    faults: list[tuple[int, str]] = []
    try:
        for row in rows:
            user, wrong = _user_of(row)
            users.append((rows.line_num, user))
            faults += [(rows.line_num, fault) for fault in wrong]
    except csv.Error as error:
        faults.append((rows.line_num, str(error)))
    faults += _twice(users)
    if not users and not faults:
        faults.append((1, "there is nobody in it"))
    refuse(faults)
    return users


def refuse(faults: Iterable[tuple[int, str]]) -> None:
    """Raises UserListError where there is any fault."""
    lines = [f"line {number}: {fault}" for number, fault in sorted(faults)]
    if lines:
        raise UserListError("\n".join(lines))


def _check_headings(headings: Sequence[str]) -> None:
    missing = [name for name in _NEEDED if name not in headings]
    unknown = [name for name in headings if name not in _COLUMNS]
    if missing or unknown:
        expected = (
            f"expected the columns {','.join(_NEEDED)} and, if wanted, display,line,authority"
        )
        raise UserListError(f"line 1: {expected}; got {','.join(headings)}")


def _user_of(row: Mapping[str, str | None]) -> tuple[NewUser, list[str]]:
    """A user, and what is wrong with the row."""
    values = {
        column: (row.get(column) or "").strip() for column in _COLUMNS if column != "password"
    }
    authority = values.pop("authority") or "0"
    level = int(authority) if authority in _AUTHORITIES else 0
    user = NewUser(**values, password=row.get("password") or "", authority=level)
    wrong = faults_of(user)
    if authority not in _AUTHORITIES:
        wrong.append(f"authority {authority!r}: expected 0, 1 or 2")
    if "" in row:
        wrong.append("there are more fields than headings")
    return user, wrong


def _twice(users: Iterable[tuple[int, NewUser]]) -> list[tuple[int, str]]:
    first: dict[str, int] = {}
    again = []
    for number, user in users:
        if first.setdefault(user.name, number) != number:
            again.append((number, f"{user.name} stands in line {first[user.name]} already"))
    return again
