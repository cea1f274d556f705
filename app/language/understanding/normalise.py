"""Normal form of an utterance with a map back to the raw text.

NFKC, traditional to simplified (OpenCC), lower case, without punctuation, spaces and fillers.
Traditional characters are mapped one by one, so that every offset stays exact.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import opencc

MAX_CHARACTERS = 500
_FILLERS = re.compile(r"嗯+|呃+|啊{2,}|唉+|那个(?=那个)|就是说|^喂+")
_converter = opencc.OpenCC("t2s")


@lru_cache(maxsize=8192)
def _simple(character: str) -> str:
    """The normal form of one character; empty where it is dropped."""
    text = _converter.convert(unicodedata.normalize("NFKC", character)).lower()
    return "".join(c for c in text if c.isalnum())


@lru_cache(maxsize=8192)
def _same_length(character: str) -> str:
    text = _converter.convert(unicodedata.normalize("NFKC", character))
    return text if len(text) == 1 else character


def simplified(raw: str) -> str:
    """The utterance in simplified characters, punctuation kept, every character in its place."""
    return "".join(map(_same_length, raw[:MAX_CHARACTERS]))


def searchable(raw: str) -> str:
    """The characters of a text of any length by which it is found: letters, digits, Chinese."""
    return "".join(map(_simple, raw))


@dataclass(frozen=True, slots=True)
class Normalised:
    """``offsets[i]`` is the place in ``raw`` of the i-th character of ``text``."""

    raw: str
    text: str
    offsets: tuple[int, ...]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where a span of the normal form stands in the raw text, end exclusive."""
        if start >= end or not self.offsets:
            return 0, 0
        return self.offsets[start], self.offsets[end - 1] + 1


def normalise(raw: str) -> Normalised:
    """The normal form of at most 500 characters; what is longer is cut (it is no utterance)."""
    characters: list[str] = []
    offsets: list[int] = []
    for at, character in enumerate(raw[:MAX_CHARACTERS]):
        for simple in _simple(character):
            characters.append(simple)
            offsets.append(at)
    text = "".join(characters)
    keep = [True] * len(text)
    for match in _FILLERS.finditer(text):
        keep[match.start() : match.end()] = [False] * (match.end() - match.start())
    kept = [i for i, wanted in enumerate(keep) if wanted]
    return Normalised(raw, "".join(text[i] for i in kept), tuple(offsets[i] for i in kept))
