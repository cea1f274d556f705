"""Accents of callers: initials that a region does not tell apart, in Kokoro's symbols.

The three that change most syllables in Mandarin spoken by people of the south and the south-west.
"""

import re
from collections.abc import Iterable, Mapping

_VOWEL = "(?=[aeiouyəɤɛɑʊwj])"
#: What is said, and what instead, by the accent's name.
ACCENTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "n-l": ((f"n{_VOWEL}", "l"),),
    "zh-z": (("ꭧ", "ʦ"), ("ʂ", "s")),
    "f-h": (("f", "xw"),),
}


def accented(symbols: str, accents: Iterable[str]) -> str:
    """Kokoro's symbols of a text with the initials of these accents."""
    for accent in accents:
        for said, instead in ACCENTS[accent]:
            symbols = re.sub(said, instead, symbols)
    return symbols
