"""A sentence in the pieces of a voice that were recorded, and what of it is not recorded."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.language.texts.read_aloud import in_words

_SAME_PAUSE = str.maketrans({
    "、": "，", "；": "，", "：": "，", ",": "，", ";": "，", ":": "，", "！": "。", "!": "。",
    ".": "。", "?": "？", " ": None, "\n": "。", "“": None, "”": None, "《": None, "》": None,
})  # fmt: skip
_MARKS = "，。？"
#: Pieces that are tried at each place are not longer than this.
_LONGEST = 60
_PIECE, _PAUSE, _UNKNOWN, _BREAK = 1.0, 0.5, 20.0, 3.0
#: A syllable by itself is joined at both edges: of as few pieces the longer ones are taken.
_SYLLABLE = 0.2


def as_recorded(text: str) -> str:
    """What a voice says for a text: figures in words, one mark for each kind of pause."""
    return in_words(text).translate(_SAME_PAUSE)


def recording_id(text: str) -> str:
    """The name of the recording of a text: by what is really spoken."""
    return hashlib.sha256(as_recorded(text).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of a sentence; ``text`` is a mark where only a pause is left."""

    text: str
    recorded: bool

    @property
    def pause(self) -> bool:
        return self.text in _MARKS


def spliced(text: str, pieces: Collection[str]) -> list[Part]:
    """A text (``as_recorded``) in the fewest recorded pieces, with what is left between them."""
    ways = _cheapest(text, pieces)
    parts: list[Part] = []
    at = len(text)
    while at:
        begin, recorded = ways[at][1], ways[at][2]
        parts.append(Part(text=text[begin:at], recorded=recorded))
        at = begin
    return _merged(parts[::-1])


_Way = tuple[float, int, bool]


def _cheapest(text: str, pieces: Collection[str]) -> list[_Way]:
    """For every place how it is reached best: the cost so far, from where, by a recording?"""
    ways: list[_Way] = [(0.0, 0, True)]
    for end in range(1, len(text) + 1):
        cost, _, known = ways[end - 1]
        mark = text[end - 1] in _MARKS
        best = (cost + (_PAUSE if mark else _UNKNOWN + _BREAK * known), end - 1, mark)
        for begin in range(max(0, end - _LONGEST), end):
            reached = ways[begin][0] + _PIECE + _SYLLABLE * (end - begin - mark == 1)
            if reached < best[0] and text[begin:end] in pieces:
                best = (reached, begin, True)
        ways.append(best)
    return ways


def _merged(parts: Sequence[Part]) -> list[Part]:
    """What is not recorded is one part from one recording to the next."""
    found: list[Part] = []
    for part in parts:
        if found and not part.recorded and not found[-1].recorded:
            found[-1] = Part(text=found[-1].text + part.text, recorded=False)
        else:
            found.append(part)
    return found
