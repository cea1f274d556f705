"""What an agent says that counts: statements, closing phrases, promises, and figures to check.

Tolerant of sound: every phrase matches by its folded syllables, as callers' words do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.language.understanding.lexicon import WordList
from app.language.understanding.normalise import normalise
from app.language.understanding.numbers import NUMBER, amounts, value

#: How far before or after its name a sum still belongs to it, in characters.
_NEAR = 8
_PRICE = re.compile("(?:每个?月|一个月|月费|月租)")
#: Monthly sums that are no price of a plan.
_OTHER_FEES = re.compile("保号|押金|会员|点播|路由器|安装|滞纳|摄像头")
_PENALTY = re.compile("违约金")
_EXPIRES = re.compile(
    f"(?:到期|到|合同|合约).{{0,4}}?(?:(?P<year>{NUMBER}|今|明|后)年)?(?P<month>{NUMBER})月"
)
_YEARS = {"今": 0, "明": 1, "后": 2}
#: A speaker rounds: differences below this are no fault.
TOLERANCE_FEN = 100


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing to say: ``name`` by language, ``say`` the words to say, ``heard`` what counts."""

    code: str
    name: Mapping[str, str]
    say: str
    heard: WordList
    confirmation: bool = False


@dataclass(frozen=True, slots=True)
class SpokenRules:
    """What ``prompts/quality/`` says: statements, situations, closing phrases, promises."""

    statements: Mapping[str, Statement] = field(default_factory=dict)
    closing: WordList = field(default_factory=WordList)
    promises: WordList = field(default_factory=WordList)
    situations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def from_data(cls, statements: Mapping[str, Any], gate: Mapping[str, Any]) -> "SpokenRules":
        """Build from the parsed files. Raises KeyError or TypeError for a missing part."""
        made = {
            code: Statement(code, dict(one["name"]), str(one["say"]), _words(one["heard"]),
                            bool(one.get("confirmation")))
            for code, one in statements.items()
        }  # fmt: skip
        situations = {name: tuple(codes) for name, codes in gate["situations"].items()}
        unknown = {code for codes in situations.values() for code in codes} - set(made)
        if unknown:
            raise KeyError(f"no statement {', '.join(sorted(unknown))}")
        return cls(made, _words(gate["closing"]), _words(gate["promises"]), situations)

    def said(self, text: str) -> frozenset[str]:
        """Codes of the statements that are in an agent's words."""
        plain = normalise(text).text
        return frozenset(code for code, one in self.statements.items() if one.heard.find(plain))

    def closes(self, text: str) -> bool:
        """Whether the words end a conversation."""
        return bool(self.closing.find(normalise(text).text))

    def promised(self, text: str) -> bool:
        """Whether the words promise something."""
        return bool(self.promises.find(normalise(text).text))


def _words(phrases: Any) -> WordList:
    return WordList(fold=tuple(str(phrase) for phrase in phrases))


@dataclass(frozen=True, slots=True)
class Tariff:
    """The right figures of a call, None where there is none. Money in fen."""

    penalty_fen: int | None = None
    monthly_fen: tuple[int, ...] = ()
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class WrongFigure:
    """``what``: penalty, price or expiry; ``said`` and ``right`` as people write them."""

    what: str
    said: str
    right: str


_NOBODYS_FEN = -(10**12)


def names_figure(text: str) -> bool:
    """Whether there is anything to check in an agent's words: most have no figure in them."""
    plain = normalise(text).text
    return bool(_PENALTY.search(plain) or _PRICE.search(plain)) or "到期" in plain


def wrong_figures(text: str, tariff: Tariff, today: date) -> list[WrongFigure]:
    """Sums and dates in an agent's words that differ from the tariff."""
    plain = normalise(text).text
    found = []
    if tariff.penalty_fen is not None:
        found += _wrong_sum("penalty", plain, _PENALTY, (tariff.penalty_fen,))
    if tariff.monthly_fen and not _OTHER_FEES.search(plain):
        found += _wrong_sum("price", plain, _PRICE, tariff.monthly_fen)
    if tariff.expires_on is not None:
        found += _wrong_expiry(plain, tariff.expires_on, today)
    return found


def right_figures(text: str, tariff: Tariff, today: date) -> frozenset[str]:
    """The figures of a tariff that an agent's words name as they are: penalty, price, expiry."""
    named = {each.what for each in wrong_figures(text, _nobodys(tariff), today)}
    return frozenset(named - {each.what for each in wrong_figures(text, tariff, today)})


def _nobodys(tariff: Tariff) -> Tariff:
    """The tariff with impossible values, so that every figure that is named differs from it."""
    return Tariff(
        _NOBODYS_FEN if tariff.penalty_fen is not None else None,
        (_NOBODYS_FEN,) if tariff.monthly_fen else (),
        date.min if tariff.expires_on is not None else None,
    )


def _wrong_sum(
    what: str, text: str, name: re.Pattern[str], right: tuple[int, ...]
) -> list[WrongFigure]:
    """The sum nearest to each mention of its name."""
    wrong = []
    for mention in name.finditer(text):
        near = [
            (min(abs(sum_.start - mention.end()), abs(mention.start() - sum_.end)), sum_.fen)
            for sum_ in amounts(text)
            if sum_.start - mention.end() <= _NEAR and mention.start() - sum_.end <= _NEAR
        ]
        if near:
            said = min(near)[1]
            if all(abs(said - fen) > TOLERANCE_FEN for fen in right):
                wrong.append(WrongFigure(what, _yuan(said), _yuan(right[0])))
    return wrong


def _wrong_expiry(text: str, right: date, today: date) -> list[WrongFigure]:
    if "到期" not in text:
        return []
    match = _EXPIRES.search(text)
    month = value(match["month"]) if match else None
    if match is None or month is None or not 1 <= month <= 12:
        return []
    year = _year(match["year"], int(month), today)
    if year is None or (year, int(month)) == (right.year, right.month):
        return []
    return [WrongFigure("expiry", f"{year}-{int(month):02d}", f"{right:%Y-%m}")]


def _year(said: str | None, month: int, today: date) -> int | None:
    if said is None:
        return today.year if month >= today.month else today.year + 1
    if said in _YEARS:
        return today.year + _YEARS[said]
    digits = "".join(str(int(value(c) or 0)) for c in said) if not said.isascii() else said
    return int(digits) + (2000 if len(digits) == 2 else 0) if digits.isdigit() else None


def _yuan(fen: int) -> str:
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".")
