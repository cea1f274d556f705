"""Figures in a text as a person reads them to somebody: years, rooms and numbers digit by digit.

Sums, dates and counts are left to the voice, which reads them as numbers.
"""

import re
from collections.abc import Collection

from app.language.texts.spoken_texts import number_words

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


_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_MYRIAD = 10_000


def in_words(text: str) -> str:
    """The text without any figures left: what a recorded voice says, and its recordings' names."""
    return _AMOUNT.sub(_amount, read_aloud(text))


def _amount(found: re.Match[str]) -> str:
    whole, rest = found[1], found[2]
    leading = whole.startswith("0") and len(whole) > 1
    words = _digits(_NAMES, whole) if leading else _whole(int(whole))
    return f"{words}点{_digits(_NAMES, rest)}" if rest else words


def _whole(value: int) -> str:
    """A count of any size below a hundred million; longer ones digit by digit."""
    myriads, rest = divmod(value, _MYRIAD)
    if myriads >= _MYRIAD:
        return _digits(_NAMES, str(value))
    if not myriads:
        return number_words(rest)
    zero = "零" if 0 < rest < _MYRIAD // 10 else ""
    tail = ("一" * (10 <= rest < 20) + number_words(rest)) if rest else ""
    return f"{number_words(myriads)}万{zero}{tail}"


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
