"""Passwords and tokens as they are kept: neither can be turned back.

Argon2id (RFC 9106) with the cost of OWASP's password storage cheat sheet: 19 MiB, two passes, one
lane, 25 ms of one core. RFC 9106's second recommended option (64 MiB, three passes) costs 180 ms,
so that forty people who begin a shift on two cores would wait four seconds.
"""

import hashlib
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

SHORTEST_PASSWORD = 8
_MEMORY_KIB, _PASSES, _LANES = 19 * 1024, 2, 1
_hasher = PasswordHasher(time_cost=_PASSES, memory_cost=_MEMORY_KIB, parallelism=_LANES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a password is right; ``fresh`` is its hash at today's cost, where it was kept at
    another one."""

    right: bool
    fresh: str | None = None


def hash_password(password: str) -> str:
    """Argon2id at today's cost. Blocks for some 25 ms."""
    return _hasher.hash(password)


def check_password(stored: str, given: str) -> Verdict:
    """Whether this is the password. Blocks for as long as the stored hash's cost asks."""
    try:
        _hasher.verify(stored, given)
    except (VerifyMismatchError, InvalidHashError):
        return Verdict(right=False)
    fresh = hash_password(given) if _hasher.check_needs_rehash(stored) else None
    return Verdict(right=True, fresh=fresh)


def token_hash(token: str) -> str:
    """What is stored of a random token."""
    return hashlib.sha256(token.encode()).hexdigest()
