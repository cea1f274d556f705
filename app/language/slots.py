"""Facts in an utterance: telephone number, last four of an ID, competitor, reason for leaving."""

import re
from dataclasses import dataclass

from app.language.lexicon import Lexicon

_DIGITS = {
    "零": "0", "〇": "0", "洞": "0", "一": "1", "幺": "1", "妖": "1", "腰": "1", "二": "2",
    "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "拐": "7", "八": "8",
    "九": "9", "勾": "9",
}  # fmt: skip
_HOMOPHONES = {
    "吆": "1", "医": "1", "耳": "2", "而": "2", "儿": "2", "山": "3", "散": "3", "是": "4",
    "死": "4", "似": "4", "舞": "5", "无": "5", "午": "5", "吴": "5", "流": "6", "刘": "6",
    "留": "6", "其": "7", "起": "7", "期": "7", "气": "7", "吧": "8", "把": "8", "巴": "8",
    "发": "8", "久": "9", "酒": "9", "就": "9", "灵": "0", "林": "0", "领": "0", "临": "0",
}  # fmt: skip
_REPEATED = re.compile("([两三])个([0-9零一幺二三四五六七八九])")
_SEPARATORS = re.compile(r"[\s\-,，。、]|嗯|啊|呃|哦|那个")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[2-8]\d{6,7}(?!\d)|(?<!\d)[2-8]\d{6,7}(?!\d)")
_ID_ANCHOR = re.compile("(?:身份证|证件)?的?(?:最)?后(?:面)?四位(?:数)?(?:是)?|尾号(?:是)?")
_ID_LAST4 = re.compile(r"(?<!\d)(\d{3}[\dxX叉])(?!\d)")
_DIGIT_RUN = 5


def strict_digits(raw: str) -> str:
    """Spoken digits as figures, separators dropped; 两个八 becomes 88."""
    doubled = _REPEATED.sub(lambda m: m[2] * (2 if m[1] == "两" else 3), raw)
    return _SEPARATORS.sub("", "".join(_DIGITS.get(c, c) for c in doubled))


def loose_digits(raw: str) -> str:
    """Homophones too, but only inside a run that is mostly digits (是 alone is a word)."""
    text = list(strict_digits(raw))
    for at, character in enumerate(text):
        if character in _HOMOPHONES and _in_run(text, at):
            text[at] = _HOMOPHONES[character]
    return "".join(text)


def _in_run(text: list[str], at: int) -> bool:
    window = text[max(0, at - _DIGIT_RUN) : at + _DIGIT_RUN + 1]
    figures = sum(c.isdigit() for c in window)
    beside = (at > 0 and text[at - 1].isdigit()) or (at + 1 < len(text) and text[at + 1].isdigit())
    return beside and figures >= _DIGIT_RUN


def phone(raw: str) -> str | None:
    """A Chinese mobile or landline number; homophones count only where nothing strict is found."""
    for text in (strict_digits(raw), loose_digits(raw)):
        match = _MOBILE.search(text) or _LANDLINE.search(text)
        if match:
            return match.group()
    return None


def id_last4(raw: str) -> str | None:
    """The last four of an identity card, only where they are announced as such."""
    anchor = _ID_ANCHOR.search(raw)
    if anchor is None:
        return None
    match = _ID_LAST4.search(strict_digits(raw[anchor.end() :]))
    return match.group(1).upper().replace("叉", "X") if match else None


@dataclass(frozen=True, slots=True)
class Slots:
    """What was found; ``words`` are the words of the utterance behind reason and competitor."""

    values: dict[str, str]
    words: tuple[str, ...]


def find_slots(raw: str, text: str, lexicon: Lexicon) -> Slots:
    """Slots of an utterance: numbers from the raw text, words from the normal form."""
    values: dict[str, str] = {}
    words: list[str] = []
    number = phone(raw)
    if number:
        values["phone"] = number
    last4 = id_last4(raw)
    if last4:
        values["id_last4"] = last4
    competitor = _competitor(text, lexicon)
    if competitor:
        values["competitor"] = competitor
        words.append(competitor)
    best: tuple[int, str, str] | None = None
    for reason, listed in lexicon.reasons.items():
        for hit in listed.find(text):
            length = hit.end - hit.start
            if best is None or length > best[0]:
                best = (length, reason, text[hit.start : hit.end])
    if best is not None:
        values["reason"] = best[1]
        words.append(best[2])
    return Slots(values, tuple(words))


def _competitor(text: str, lexicon: Lexicon) -> str | None:
    for name, words in lexicon.competitors.items():
        if any(word in text for word in words):
            return name
    return None
