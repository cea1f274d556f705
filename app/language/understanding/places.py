"""Addresses: estates by gazetteer (also by sound), roads, and 三栋二单元五零二."""

import re
from dataclasses import dataclass

from app.language.understanding.lexicon import WordList
from app.language.understanding.numbers import NUMBER, strict_digits, value

_ROOM = "(?:[0-9]+|[零〇一幺二两三四五六七八九十百]+)"
_UNIT = re.compile(
    f"(?P<block>{NUMBER}|[A-Za-z])(?:栋|幢|座|号楼)(?:(?P<stair>{NUMBER})单元)?"
    f"(?:(?P<floor>{NUMBER})楼)?(?:(?P<room>{_ROOM})(?:室|房|号)?)?"
)
_ROAD = re.compile(
    f"(?P<road>[一-鿿]{{2,8}}?(?:路|街|巷|大道|村|里|弄))(?P<no>{NUMBER})号(?!线)(?:之(?P<sub>{NUMBER}))?"
)
_LEADS = re.compile(
    ".*(?:住在|搬到|搬去|装到|移到|地址是|改成|家在|我在|我住|位于|就在|送到|到|在|住|是)"
)


@dataclass(frozen=True, slots=True)
class Place:
    """``address`` in figures; ``estate`` as in the gazetteer; where it stands in the text."""

    address: str
    estate: str
    start: int
    end: int


def find_place(text: str, estates: WordList) -> Place | None:
    """Estate, road or block of a text; None where there is none of them."""
    hits = sorted(estates.find(text), key=lambda hit: hit.start - hit.end)
    estate = hits[0] if hits else None
    unit = _UNIT.search(text, estate.end if estate else 0)
    road = _ROAD.search(text)
    parts: list[str] = []
    spans: list[tuple[int, int]] = []
    if road is not None and estate is None:
        name = _LEADS.sub("", road["road"])
        if len(name) >= 2:
            parts.append(f"{name}{_figure(road['no'])}号" + _sub(road["sub"]))
            spans.append(
                (road.end() - len(road.group()) + len(road["road"]) - len(name), road.end())
            )
    if estate is not None:
        parts.append(estate.word)
        spans.append((estate.start, estate.end))
    if unit is not None:
        parts.append(_unit(unit))
        spans.append(unit.span())
    if not spans:
        return None
    whole = "".join(parts) if unit is not None or road is not None else ""
    return Place(whole, estate.word if estate else "", min(s for s, _ in spans),
                 max(e for _, e in spans))  # fmt: skip


#: A block, a floor or a room, also alone.
_IN_HOUSE = re.compile(f"{NUMBER}(?:栋|幢|座|号楼|单元|楼|室|号房|号)(?!线)")


def house_number_spans(text: str) -> list[tuple[int, int]]:
    """Where a text says in which house, on which floor, behind which door somebody lives."""
    roads = [(m.start("no"), m.end()) for m in _ROAD.finditer(text)]
    return [*roads, *(m.span() for each in (_UNIT, _IN_HOUSE) for m in each.finditer(text))]


def _unit(match: re.Match[str]) -> str:
    text = f"{_figure(match['block'])}栋"
    if match["stair"]:
        text += f"{_figure(match['stair'])}单元"
    if match["floor"]:
        text += f"{_figure(match['floor'])}楼"
    return text + (_room(match["room"]) if match["room"] else "")


def _sub(text: str | None) -> str:
    return f"之{_figure(text)}" if text else ""


def _figure(text: str) -> str:
    """十二 as 12, 二零三 as 203, a letter as a capital."""
    if text.isascii():
        return text.upper()
    number = value(text)
    return str(int(number)) if number is not None else text


def _room(text: str) -> str:
    """Rooms are mostly dictated: 五零二."""
    digits = strict_digits(text)
    return digits if digits.isdigit() else _figure(text)
