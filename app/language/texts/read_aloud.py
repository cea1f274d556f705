"""Figures in a text as a person reads them to somebody: years, rooms and numbers digit by digit.

Sums, dates and counts are left to the voice, which reads them as numbers.
"""

import re
from collections.abc import Collection

_NAMES = "零一二三四五六七八九"
_TELEPHONE_NAMES = "零幺二三四五六七八九"
#: Longer runs are numbers to be noted, and the one is said yāo so that it is not taken for seven.
_LONG = 5
_YEAR = re.compile(r"(?<![0-9])([12][0-9]{3})(?=年)")
_ROOM = re.compile(r"(?<=[栋幢座号楼元])([0-9]{3,4})(?![0-9元块兆])")
_NUMBER = re.compile(rf"(?<![0-9.])([0-9]{{{_LONG},}})(?![0-9.元块])")


def _digits(names: str, text: str) -> str:
    return "".join(names[int(digit)] for digit in text)


def read_aloud(text: str) -> str:
    """The text with such figures in words."""
    text = _YEAR.sub(lambda m: _digits(_NAMES, m[1]), text)
    text = _ROOM.sub(lambda m: _digits(_NAMES, m[1]), text)
    return _NUMBER.sub(lambda m: _digits(_TELEPHONE_NAMES, m[1]), text)


#: Marks at which a recording may begin and end; they are in no file's name.
_MARKS = "。？！，、 "
_SHORTEST_FRAME = 2


def framed(sentence: str, recorded: Collection[str]) -> list[tuple[str, bool]]:
    """A sentence in up to three parts, each with whether it was recorded: the longest recording it
    begins with, what stands between (a number, an address), the longest one that it ends with."""
    rest = sentence.strip(_MARKS)
    usable = [name for name in recorded if len(name) >= _SHORTEST_FRAME]
    first = max((n for n in usable if rest.startswith(n)), key=len, default="")
    rest = rest[len(first) :].strip(_MARKS)
    last = max((n for n in usable if rest.endswith(n)), key=len, default="")
    middle = rest[: len(rest) - len(last)].strip(_MARKS)
    parts = [(first, True), (middle, False), (last, True)]
    return [(text, known) for text, known in parts if text]
