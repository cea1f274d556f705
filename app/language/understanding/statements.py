"""What an agent says that counts: statements, closing phrases, promises, and figures to check.

Tolerant of sound: every phrase matches by its folded syllables, as callers' words do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.language.understanding.lexicon import WordList
from app.language.understanding.meaning import Rules, Vocabulary, own_words, stated
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
    """One thing to say: ``name`` by language, ``say`` the words to say, ``means`` what counts as
    said ``unless`` taken back; ``denies`` what contradicts it, which ``excused`` allows."""

    code: str
    name: Mapping[str, str]
    say: str
    means: Rules
    unless: Rules = field(default_factory=Rules)
    denies: Rules = field(default_factory=Rules)
    excused: Rules = field(default_factory=Rules)
    confirmation: bool = False

    def made(self, own: str, told: str) -> bool:
        """Whether the words make it: ``own`` without quotes, ``told`` without questions too."""
        text = own if self.confirmation else told
        return bool(self.means.first(self.unless.masked(text)))

    def denied(self, told: str) -> str:
        """The words that contradict it, empty where none do."""
        if self.excused.first(told):
            return ""
        return "" if self.denies.masked(told) == told else self.denies.first(told)


@dataclass(frozen=True, slots=True)
class Misleading:
    """Something not to say: ``name`` by language, ``instead`` what to say. ``questions``: as a
    question too; ``competitors``: what is said of them is what counts."""

    code: str
    name: Mapping[str, str]
    instead: str
    means: Rules
    unless: Rules = field(default_factory=Rules)
    questions: bool = False
    competitors: bool = False


@dataclass(frozen=True, slots=True)
class SpokenRules:
    """What ``prompts/quality/`` says: statements, situations, closing phrases, promises."""

    statements: Mapping[str, Statement] = field(default_factory=dict)
    closing: WordList = field(default_factory=WordList)
    promises: WordList = field(default_factory=WordList)
    situations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    misleading: Mapping[str, Misleading] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    @classmethod
    def from_data(
        cls, statements: Mapping[str, Any], gate: Mapping[str, Any],
        meaning: Mapping[str, Any] | None = None, misleading: Mapping[str, Any] | None = None,
    ) -> "SpokenRules":  # fmt: skip
        """Build from the parsed files. Raises KeyError or TypeError for a missing part."""
        vocabulary = _vocabulary(meaning or {})
        made = {code: _statement(code, one, vocabulary) for code, one in statements.items()}
        situations = {name: tuple(codes) for name, codes in gate["situations"].items()}
        unknown = {code for codes in situations.values() for code in codes} - set(made)
        if unknown:
            raise KeyError(f"no statement {', '.join(sorted(unknown))}")
        closing, promises = _words(gate["closing"]), _words(gate["promises"])
        notes = {n: _misleading(n, one, vocabulary) for n, one in (misleading or {}).items()}
        return cls(made, closing, promises, situations, notes, vocabulary)

    def said(self, text: str) -> frozenset[str]:
        """Codes of the statements that are made in an agent's words."""
        own = own_words(self.vocabulary.plain(text))
        told = stated(own)
        return frozenset(code for code, one in self.statements.items() if one.made(own, told))

    def denied(self, text: str) -> Mapping[str, str]:
        """The words that contradict a statement, by its code."""
        told = stated(own_words(self.vocabulary.plain(text)))
        found = {code: one.denied(told) for code, one in self.statements.items()}
        return {code: words for code, words in found.items() if words}

    def misled(self, text: str) -> Mapping[str, str]:
        """The words that mislead or hurt, by what is wrong with them."""
        plain = self.vocabulary.plain(text)
        own = own_words(plain)
        found = {}
        for code, one in self.misleading.items():
            said = plain if one.competitors else own
            told = said if one.questions else stated(said)
            found[code] = one.means.first(one.unless.masked(told))
        return {code: words for code, words in found.items() if words}

    def closes(self, text: str) -> bool:
        """Whether the words end a conversation."""
        return bool(self.closing.find(normalise(text).text))

    def promised(self, text: str) -> bool:
        """Whether the words promise something."""
        return bool(self.promises.find(normalise(text).text))


def _words(phrases: Any) -> WordList:
    return WordList(fold=tuple(str(phrase) for phrase in phrases))


#: Shorter words are put right only where the unfolded sound is theirs.
_FOLDED_FROM = 3


def _vocabulary(data: Mapping[str, Any]) -> Vocabulary:
    words = [str(word) for word in data.get("spellings") or ()]
    classes = {str(n): tuple(map(str, some)) for n, some in (data.get("classes") or {}).items()}
    return Vocabulary(classes, WordList(
        sound=tuple(word for word in words if len(word) < _FOLDED_FROM),
        fold=tuple(word for word in words if len(word) >= _FOLDED_FROM),
    ))  # fmt: skip


def _misleading(code: str, data: Mapping[str, Any], vocabulary: Vocabulary) -> Misleading:
    return Misleading(
        code, dict(data["name"]), str(data["instead"]), vocabulary.rules(data["means"]),
        vocabulary.rules(data.get("unless") or ()), bool(data.get("questions")),
        bool(data.get("competitors")),
    )  # fmt: skip


def _statement(code: str, data: Mapping[str, Any], vocabulary: Vocabulary) -> Statement:
    rules = {
        name: vocabulary.rules(data.get(name) or ()) for name in ("unless", "denies", "excused")
    }
    return Statement(
        code, dict(data["name"]), str(data["say"]), vocabulary.rules(data["means"]),
        confirmation=bool(data.get("confirmation")), **rules,
    )  # fmt: skip


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
