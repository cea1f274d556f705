"""The pieces that sentences with figures are put together from, each in a sentence that carries it.

A carrier is a sentence in parts; those that are kept become pieces, named by their text. A piece whose text ends with a
mark was said before a pause, the others in the middle of a phrase.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.language.texts.splicing import as_recorded
from app.language.texts.spoken_texts import number_words

_GAP = re.compile(r"\{([a-z0-9_]*)\}")
_DIGITS = "零一二三四五六七八九"
_TELEPHONE = "零幺二三四五六七八九"
_MARKS = "，。？"
_NUMBER = "八六三，八二四零，三五四八"
_YEARS = range(2024, 2041)
#: What stands in the braces of a template while the rest of it is recorded. It begins with a b where it can: before the
#: lips open there is silence to cut in.
_SAMPLES = {"value": "滨海小区九栋九零一", "number": "八百零五", "plan": "百兆融合", "price": "八十九", "offer": "八十九",
            "current": "八十八", "saved": "三百四十八", "until": "八月五日", "owes": "没有欠费", "bill": "百兆融合",
            "promise": "明天下午", "text": "半个小区断网"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierPart:
    """Some words of a carrier; ``kept``: they become a piece."""

    text: str
    kept: bool


Carrier = tuple[CarrierPart, ...]


def carrier(marked: str) -> Carrier:
    """From text with what is kept in brackets: ``每月[二十四]元，``."""
    parts = re.split(r"[\[\]]", marked)
    return tuple(CarrierPart(text=text, kept=at % 2 == 1) for at, text in enumerate(parts) if text)


def names_of(carriers: Iterable[Carrier]) -> list[str]:
    """The names of the pieces in carriers."""
    return [part.text for one in carriers for part in one if part.kept]


def carriers(templates: Sequence[str], plans: Sequence[str], estates: Sequence[str]) -> list[Carrier]:
    """All of them. A piece is recorded once: the first carrier counts."""
    marked = [*_frames(templates), *_units(), *_groups(), *_names(plans, estates), *_amounts(), *_days(), *_rooms()]
    return [carrier(text) for text in dict.fromkeys(marked)]


def _frames(templates: Sequence[str]) -> Iterator[str]:
    """What is the same in a template, said with a sample of what is not."""
    for template in templates:
        parts = _GAP.split(template)
        samples = _SAMPLES | ({"value": _NUMBER} if "电话" in template else {})
        filled = (samples.get(part, "五十九") if at % 2 else _frame(part) for at, part in enumerate(parts))
        yield "".join(filled)


def _frame(text: str) -> str:
    """Kept from its first word on: a pause before it belongs to the value."""
    recorded = as_recorded(text)
    words = recorded.lstrip(_MARKS)
    return recorded[: len(recorded) - len(words)] + (f"[{words}]" if words else "")


def _groups() -> Iterator[str]:
    """Digits as telephone numbers have them: the three that a mobile number begins with, pairs in the middle of a group and
    at its end, single ones."""
    for start in (f"幺{a}{b}" for a in "三四五六七八九" for b in _DIGITS.replace("一", "幺")):
        yield f"号码是[{start}，]八六五零，"
    chance = random.Random(13)
    digits = sorted({*_DIGITS, *_TELEPHONE})
    pairs = [a + b for a in digits for b in digits if {"一", "幺"} != {a, b}]
    first, last = list(pairs), list(pairs)
    chance.shuffle(first)
    chance.shuffle(last)
    for at in range(0, len(pairs) - 1, 2):
        (a, b), (c, d) = first[at : at + 2], last[at : at + 2]
        yield f"号码是[{a}][{c}，][{b}][{d}，]对吗？"
    if len(pairs) % 2:
        yield f"号码是[{first[-1]}][{last[-1]}，]对吗？"
    for digit in digits:
        yield f"号码是[{digit}]八六，三八[{digit}，]对吗？"


def _amounts() -> Iterator[str]:
    for ten in range(10, 100, 2):
        yield f"原来每月[{number_words(ten)}]元，现在每月[{number_words(ten + 1)}]元，"
    for digit in _DIGITS[1:]:
        yield f"一共三百[一十{digit}]元，"
        yield f"一共[{digit}百]二十四元，一年省[{digit}千]三百元，欠费[{digit}万]八千元，"
        yield f"每月二十四[点{digit}]元，每月五十[点{digit}]五元，一共三百[零{digit}]元，"
    yield "每月二十四[元]钱，每月五十九[元，]优惠一年，每月二十四[块]钱，每月五十九[块，]优惠一年，"
    yield "三[百]四[千]五[万]六[十]七[点]八，"
    yield "每月[两]元，[两百]元，[两千]元，"


def _days() -> Iterator[str]:
    for at, year in enumerate(_YEARS):
        yield f"[{''.join(_DIGITS[int(d)] for d in str(year))}年]{number_words(at % 12 + 1)}月五日到期，"
    for month in range(1, 13):
        yield f"二零二六年[{number_words(month)}月]五日到期，"
    for day in range(1, 32):
        yield f"三月[{number_words(day)}日]到期，"
    yield "下午八[点]上门，上午九[点半]上门，五月六[号]上门，六月八[号，]可以吗？"
    for name in ("今天", "明天", "后天", "周一", "周二", "周三", "周四", "周五", "周六", "周日"):
        yield f"师傅[{name}]上门，[{name}]下午联系您，"
    yield "师傅[上午]联系您，[下午]联系您，[早上]联系您，[中午]联系您，[晚上]联系您，"


def _units() -> Iterator[str]:
    yield "您家是海景花园九[栋]九零一，海景花园三[幢]五零二，海景花园八[座]一零二，海景花园六[号楼]九零一，对吗？"
    yield "您家是海景花园九栋二[单元]九零一，九零一[室，]对吗？九零一[房，]对吗？人民路八[号]九零一，三[楼，]五[层，]"
    yield "[三百兆]宽带，[五百兆]宽带，一百[兆]宽带，每月三百[兆，]优惠十二[个月]，优惠三[个月，]等五[分钟]，三[小时]，五[天]，三[年]，五[年，]两[天，]"
    yield "[每月]五十九元，[三月五日到期，]欠费二十四元。您[欠费]二十四元。[没有欠费。]二零二六年三月五日[到期，]没有欠费。"
    yield "[您的套餐是]百兆融合，您欠费二十四[元。]"


def _rooms() -> Iterator[str]:
    """Houses to thirty, and rooms on nine floors: how most addresses end."""
    rooms = [f"{floor}零{room}" for floor in _DIGITS[1:] for room in _DIGITS[1:7]]
    for at, room in enumerate(rooms):
        yield f"您家是八一新村[{number_words(at % 30 + 1)}栋][{room}，]对吗？"


def _names(plans: Sequence[str], estates: Sequence[str]) -> Iterator[str]:
    for name in plans:
        yield f"您的套餐是[{as_recorded(name)}，]每月八十元，"
    for name in estates:
        yield f"您家是[{as_recorded(name)}]八栋，"
