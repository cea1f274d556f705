"""Facts in an utterance: numbers, money, dates, places, competitor, household."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.language.understanding.lexicon import Lexicon, WordList
from app.language.understanding.moments import find_duration, find_moment
from app.language.understanding.normalise import Normalised, simplified
from app.language.understanding.numbers import amounts, loose_digits, strict_digits
from app.language.understanding.places import find_place
from app.language.understanding.telephone import phone

_MOBILE = re.compile(r"1[3-9]\d{9}")
_ID_ANCHOR = re.compile("(?:身份证|证件)?的?(?:最)?后(?:面)?四位(?:数)?(?:是)?|尾号(?:是)?")
_ID_LAST4 = re.compile(r"(?<!\d)(\d{3}[\dxX叉])(?!\d)")
#: Long numbers only where they are announced: what, the words before it, its shape.
_CARD = "智能卡(?:的)?(?:卡)?(?:号码?)?|卡号|卡上(?:的)?号码?"
_BOX = "机顶盒(?:的)?(?:号码?|编号|序列号)|盒子?(?:的)?(?:号码?|编号|序列号)|序列号"
_ACCOUNT = "(?:客户|用户)(?:编号|号码?)|户号|账号"
_ANNOUNCED = (
    ("smart_card", re.compile(_CARD), re.compile(r"\d{8,20}")),
    ("box_no", re.compile(_BOX), re.compile(r"[A-Za-z]{0,4}\d{6,24}")),
    ("account_no", re.compile(_ACCOUNT), re.compile(r"[A-Za-z]{0,3}\d{4,16}")),
)


@dataclass(frozen=True, slots=True)
class Slot:
    """``start``:``end`` is its place in the raw text, 0:0 where it is scattered."""

    name: str
    value: str
    start: int = 0
    end: int = 0


def id_last4(raw: str) -> str | None:
    """The last four of an identity card, only where they are announced as such."""
    anchor = _ID_ANCHOR.search(raw)
    if anchor is None:
        return None
    match = _ID_LAST4.search(strict_digits(raw[anchor.end() :]))
    return match.group(1).upper().replace("叉", "X") if match else None


def _announced(raw: str) -> Iterator[Slot]:
    """Card, box and account numbers: the anchor is cut before its digits are read."""
    for name, anchor, shape in _ANNOUNCED:
        before = anchor.search(raw)
        if before is None:
            continue
        rest = raw[before.end() :]
        for text in (strict_digits(rest), loose_digits(rest)):
            match = shape.search(text)
            if match is not None and match.start() <= 4:
                yield Slot(name, match.group().upper())
                break


def find_slots(normal: Normalised, lexicon: Lexicon, now: datetime | None) -> list[Slot]:
    """All slots of an utterance; of several values of one name the first counts."""
    raw = simplified(normal.raw)
    announced = list(_announced(raw))
    found = [*announced, *_contact(raw, taken=bool(announced))]
    found += _money(raw)
    found += _when(raw, now)
    found += _where(raw, lexicon.estates)
    found += _words(normal, lexicon)
    return found


def _contact(raw: str, *, taken: bool) -> Iterator[Slot]:
    """A number that is announced as a card's is no telephone's."""
    number = phone(raw)
    if number and not (taken and not _MOBILE.fullmatch(number)):
        yield Slot("phone", number)
    last4 = id_last4(raw)
    if last4:
        yield Slot("id_last4", last4)


def _money(raw: str) -> list[Slot]:
    found = amounts(raw)
    if not found:
        return []
    text = ",".join(f"{a.fen / 100:g}" for a in found)
    return [Slot("amount", text, found[0].start, found[0].end)]


def _when(raw: str, now: datetime | None) -> Iterator[Slot]:
    lasting = find_duration(raw)
    if lasting is not None:
        yield Slot("duration", raw[slice(*lasting)], *lasting)
    moment = find_moment(raw, now)
    if moment is None:
        return
    yield Slot("when", raw[moment.start : moment.end], moment.start, moment.end)
    for name, text in (("date", moment.day), ("time", moment.time), ("daypart", moment.part)):
        if text:
            yield Slot(name, text)


def _where(raw: str, estates: WordList) -> Iterator[Slot]:
    place = find_place(raw, estates)
    if place is None:
        return
    if place.address:
        yield Slot("address", place.address, place.start, place.end)
    if place.estate:
        yield Slot("estate", place.estate, place.start, place.end)


def _words(normal: Normalised, lexicon: Lexicon) -> Iterator[Slot]:
    text = normal.text
    competitor = lexicon.competitor(text)
    if competitor is not None:
        span = normal.raw_span(competitor.start, competitor.end)
        yield Slot("competitor", competitor.word, *span)
    facts = [
        (name, hits[0]) for name, words in lexicon.household.items() if (hits := words.find(text))
    ]
    if facts:
        first = facts[0][1]
        names = ",".join(name for name, _ in facts)
        yield Slot("household", names, *normal.raw_span(first.start, first.end))
