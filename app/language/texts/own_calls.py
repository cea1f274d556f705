"""Which sentences of own calls are clear enough to learn from, and what of them may be learned.

What is of one person (names, numbers, where in a house) is cut out; the pieces between are left.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Levenshtein

from app.language.texts.spoken_texts import FEWEST_CHARACTERS, spoken
from app.language.understanding.numbers import digit_spans
from app.language.understanding.places import house_number_spans
from app.language.understanding.sound import folded_syllables

#: A mean log probability of -0.58: speech lies above -0.4, what is no speech below -1.
CLEAR_FROM = 0.75
#: Share of syllables (toneless, accents folded) in which the two hearings may differ.
DIFFERENT_FROM = 0.6
SHORTEST = 4
SLOWEST, FASTEST = 1.2, 9.0

_REPEATED = re.compile(r"(.{1,8})\1\1")
_SURNAMES = (
    "张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔"
    "谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武莫孔向汤"
)
_ANNOUNCED = re.compile(
    "(?:我叫|他叫|她叫|名叫|户主(?:名字|姓名)?[叫是]?|名字[叫是]|姓名[叫是]|联系人是|贵姓|姓)[一-鿿]{1,4}"
)
_TITLED = re.compile(f"[{_SURNAMES}](?:先生|女士|小姐|太太|大爷|大妈|阿姨|师傅|老师|总)")


class Unfit(StrEnum):
    """Why nothing is learned from a sentence."""

    NOT_AGAIN = "not_again"
    UNCLEAR = "unclear"
    DIFFERENT = "different"
    SHORT = "short"
    RATE = "rate"
    REPEATED = "repeated"
    PRIVATE = "private"
    HELD_APART = "held_apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardSentence:
    """One utterance of a finished call.

    ``clear``: how clear the second pass found it, 0 to 1, None where it has not heard it;
    ``right_text``: what a person says was said; ``names``: of the customer and the agent.
    """

    call: str
    caller: str
    text: str
    first_text: str
    spoken_ms: int
    clear: float | None
    right_text: str = ""
    names: tuple[str, ...] = ()
    held_apart: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Han characters that may be learned; whether a sentence begins, and ends, with them."""

    caller: str
    text: str
    begins: bool
    ends: bool
    corrected: bool = False


def unfit(sentence: HeardSentence) -> Unfit | None:
    """Why it is not learned from; None where it is. A person's words need no other proof."""
    if sentence.held_apart:
        return Unfit.HELD_APART
    if sentence.right_text:
        return None
    if sentence.clear is None:
        return Unfit.NOT_AGAIN
    text = spoken(sentence.text)
    if len(text) < SHORTEST:
        return Unfit.SHORT
    if sentence.clear < CLEAR_FROM:
        return Unfit.UNCLEAR
    return _odd(text, sentence)


def _odd(text: str, sentence: HeardSentence) -> Unfit | None:
    rate = len(text) / max(sentence.spoken_ms / 1000, 0.1)
    if not SLOWEST <= rate <= FASTEST:
        return Unfit.RATE
    if any(_REPEATED.search(piece.text) for piece in pieces(sentence)):
        return Unfit.REPEATED
    first = spoken(sentence.first_text)
    return Unfit.DIFFERENT if difference(first, text) > DIFFERENT_FROM else None


def difference(first: str, second: str) -> float:
    """Share of syllables that differ between two hearings, toneless; 0 for the same sounds."""
    longest = max(len(first), len(second))
    if not longest:
        return 0.0
    return Levenshtein.distance(folded_syllables(first), folded_syllables(second)) / longest


def pieces(sentence: HeardSentence) -> list[Piece]:
    """What may be learned of it, as it is spoken."""
    text = spoken(sentence.right_text or sentence.text)
    left = sorted(_private(text, sentence.names))
    found: list[Piece] = []
    at = 0
    for start, end in (*left, (len(text), len(text))):
        if start - at >= FEWEST_CHARACTERS:
            found.append(Piece(
                sentence.caller, text[at:start], at == 0, start == len(text),
                bool(sentence.right_text),
            ))  # fmt: skip
        at = max(at, end)
    return found


def _private(text: str, names: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where personal data stands in a spoken text."""
    yield from digit_spans(text)
    yield from house_number_spans(text)
    for pattern in (_ANNOUNCED, _TITLED):
        yield from (match.span() for match in pattern.finditer(text))
    sounds = folded_syllables(text)
    for name in _parts_of_names(names):
        sound = folded_syllables(name)
        at = sounds.find(sound)
        while at >= 0:
            yield at, at + len(name)
            at = sounds.find(sound, at + 1)


def _parts_of_names(names: Sequence[str]) -> set[str]:
    """Names as they are said: whole, and without the surname where two characters are left."""
    found: set[str] = set()
    for name in map(spoken, names):
        if len(name) >= 2:
            found.add(name)
        if len(name) >= 3:
            found.add(name[-2:])
    return found
