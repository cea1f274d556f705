"""The account of one extension of a PBX."""

from dataclasses import dataclass, field

from app.domain.calls.sip_uri import parse_sip_uri
from app.domain.refusal import Invalid, RefusalCode


class SipAccountError(RuntimeError):
    """The account cannot be used. The text says what to do."""


@dataclass(frozen=True, slots=True)
class SipAccount:
    """``user`` is the extension's number and its name at the registrar ``host:port``."""

    user: str
    host: str
    port: int
    password: str = field(repr=False)


def parse_account(text: str) -> SipAccount:
    """``user:password@host:port`` (port 5060 where absent). Raises Invalid otherwise."""
    who, _, where = text.rpartition("@")
    user, _, password = who.partition(":")
    if not password:
        raise Invalid(RefusalCode.EXTENSION, "expected user:password@host:port")
    _, host, port = parse_sip_uri(f"sip:{user}@{where}")
    return SipAccount(user, host, port, password)
