"""Masks long numbers (telephone, identity, account) for screens and logs."""

import re

_SPOKEN = "0-9零〇一幺二两三四五六七八九"
_RUN = re.compile(rf"[{_SPOKEN}](?:[\s\-]?[{_SPOKEN}]){{6,}}[xX叉]?")
KEEP_FIRST, KEEP_LAST = 3, 2


def redact(text: str) -> str:
    """Runs of seven or more digits (spoken or written) keep their first three and last two."""

    def mask(match: re.Match[str]) -> str:
        run = match.group()
        hidden = len(run) - KEEP_FIRST - KEEP_LAST
        return run[:KEEP_FIRST] + "*" * hidden + run[-KEEP_LAST:]

    return _RUN.sub(mask, text)


def mask_number(number: str) -> str:
    """A telephone number for display where the whole is not needed: 138****5678."""
    return number if len(number) < 7 else f"{number[:3]}****{number[-4:]}"
