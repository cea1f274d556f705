"""Telephone numbers as they are dictated: in pieces, with repetitions, and corrected on the way."""

import re

from app.language.understanding.numbers import loose_digits, strict_digits

_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[2-8]\d{6,7}(?!\d)|(?<!\d)[2-8]\d{6,7}(?!\d)")
_MOBILE_DIGITS = 11
#: From this many digits on a correction may stand for everything after the beginning.
_LONG = 5
#: Words that lead from one piece of a number to the next.
_BETWEEN = re.compile(
    "(?:然后|后面|接着|再就是|还有|中间|最后|末尾|区号|再来|跟着)是?"
    "|(?<=[0-9零一幺二三四五六七八九])是(?=[0-9零一幺二三四五六七八九两])"
)
_REPEATED = re.compile("([两三四五六])个([0-9零一幺二三四五六七八九])")
_TIMES = {"两": 2, "三": 3, "四": 4, "五": 5, "六": 6}
_MARK = "#"
#: 不是三六是六三 names what was wrong, 不对是三七 only what is right.
_SWAP = re.compile("不是([0-9零一幺二两三四五六七八九]{1,6})[啊哦呀]?(?:应该)?是")
_SWAPPED = re.compile(r"不是(\d+)换(\d+)")
_CORRECTED = re.compile(
    "(?:啊|哦|诶)?(?:不对不对|不对|不是不是|不是|说错了|错了|讲错了|更正)(?:应该)?是?"
)


def phone(raw: str) -> str | None:
    """A Chinese mobile or landline number; homophones count only where nothing strict is found."""
    pieces = _pieces(raw)
    for text in (_corrected(pieces), strict_digits(raw), loose_digits(raw)):
        match = _MOBILE.search(text) or _LANDLINE.search(text)
        if match:
            return match.group()
    return None


def _pieces(raw: str) -> str:
    """The digits of the text, corrections marked, what leads from piece to piece dropped."""
    plain = _REPEATED.sub(lambda m: m[2] * _TIMES[m[1]], raw)
    return strict_digits(_BETWEEN.sub("", _SWAP.sub("不是\\1换", plain)))


def _corrected(text: str) -> str:
    """The number that is meant after all corrections; the text itself where none is made."""
    swapped = _SWAPPED.search(text)
    if swapped:
        before = text[: swapped.start()]
        at = before.rfind(swapped[1])
        if at >= 0:
            mended = before[:at] + swapped[2] + before[at + len(swapped[1]) :]
            return _corrected(mended + text[swapped.end() :])
    marked = _CORRECTED.sub(_MARK, text)
    if _MARK not in marked:
        return text
    number = ""
    for at, part in enumerate(marked.split(_MARK)):
        runs = re.findall(r"\d+", part)
        if not runs:
            continue
        number = _replaced(number, runs[0], "".join(runs[1:])) if at else "".join(runs)
    return number


def _replaced(before: str, again: str, rest: str) -> str:
    """A number whose end was said again; ``rest``: what follows it."""
    missing = _MOBILE_DIGITS - len(again) - len(rest)
    if len(again) >= _LONG and 3 <= missing <= len(before):
        return before[:missing] + again + rest
    return before[: max(0, len(before) - len(again))] + again + rest
