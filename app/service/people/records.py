"""Who may log in, and what was done."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(kw_only=True)
class User:
    """Somebody who may log in. ``line`` is the SIP address of an agent's phone.

    ``desk_mode``: novice (all words to say are shown) or expert; ``offer_authority``: up to which
    level this agent may make offers (0 ordinary).
    """

    name: str
    display_name: str
    role: str
    password_hash: str
    line: str = ""
    active: bool = True
    desk_mode: str = "novice"
    offer_authority: int = 0
    id: int | None = None


@dataclass(kw_only=True)
class WebSession:
    token_hash: str
    user_id: int
    created_at: datetime
    expires_at: datetime


@dataclass(kw_only=True)
class ApiToken:
    """A program's bearer token; ``user_id`` of the technician it was made for, if any."""

    token_hash: str
    name: str
    role: str
    created_at: datetime
    revoked_at: datetime | None = None
    user_id: int | None = None
    id: int | None = None


@dataclass(kw_only=True)
class AuditEntry:
    at: datetime
    who: str
    action: str
    subject: str
    detail: str = ""
    id: int | None = None


@dataclass(kw_only=True)
class IdempotencyKey:
    """A click that was carried out; the same key again answers with the same result."""

    key: str
    at: datetime
    result: str
