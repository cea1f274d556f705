"""SIP addresses of agents' phones: ``sip:user@host:port``."""

import re

from app.domain.refusal import Invalid, RefusalCode

DEFAULT_PORT = 5060
_SIP_URI = re.compile(r"sip:(?P<user>[^@\s;:]+)@(?P<host>[\w.\-]+)(?::(?P<port>\d{1,5}))?(;.*)?")


def parse_sip_uri(uri: str) -> tuple[str, str, int]:
    """User, host and port of an address (port 5060 where absent). Raises Invalid."""
    match = _SIP_URI.fullmatch(uri.strip())
    port = int(match["port"] or DEFAULT_PORT) if match is not None else 0
    if match is None or not 0 < port < 65536:
        raise Invalid(
            RefusalCode.SIP_URI, f"expected sip:user@host or sip:user@host:port, got {uri!r}"
        )
    return match["user"], match["host"], port


#: What networks write in place of a number that is withheld (RFC 3323 section 4.1.1.3, practice).
_WITHHELD = frozenset({"anonymous", "unavailable", "restricted", "withheld", "unknown", "private"})


def presented_number(user: str) -> str:
    """The caller's number, empty where it is withheld."""
    return "" if user.strip().lower() in _WITHHELD else user.strip()
