"""Simulated recognition errors: characters replaced by ones of the same or a near sound.

Used to train against errors and to test with them. Its confusions are wider than the folding of
the matcher, so that a test with it is not won by construction.
"""

import random
from collections import defaultdict
from functools import lru_cache

from pypinyin.constants import PINYIN_DICT

from app.language.understanding.sound import is_han, split, syllable

_NEAR_INITIAL = {
    "zh": "z j ch", "z": "zh j", "ch": "c q zh", "c": "ch q", "sh": "s x", "s": "sh x",
    "n": "l", "l": "n r", "r": "l y", "f": "h w", "h": "f k w", "j": "z q zh", "q": "c j x",
    "x": "s sh q", "b": "p", "p": "b", "d": "t", "t": "d", "g": "k", "k": "g h", "m": "n",
}  # fmt: skip
_NEAR_FINAL = {
    "an": "ang en", "ang": "an ong", "en": "eng an", "eng": "en ong", "in": "ing en", "ing": "in",
    "ian": "iang in an", "iang": "ian", "uan": "uang an", "uang": "uan ang", "un": "en ong",
    "ong": "eng un", "ei": "ai i", "ai": "ei", "ao": "ou", "ou": "ao u", "uo": "o ou", "i": "ei ie",
    "u": "ou", "ie": "i", "iu": "iao", "iao": "ao", "ui": "ei", "ua": "a", "a": "ia ua", "e": "uo",
}  # fmt: skip
_FILLERS = "嗯啊那呃就"
#: The usual characters of GB 2312 level 1, where homophones of recognisers come from.
_LEVEL_1 = [
    bytes((high, low)).decode("gb2312", "ignore")
    for high in range(0xB0, 0xD8)
    for low in range(0xA1, 0xFF)
]


@lru_cache(maxsize=1)
def _by_sound() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in _LEVEL_1:
        if character and ord(character) in PINYIN_DICT:
            found[syllable(character)].append(character)
    return found


class Noise:
    """Call it with a text and a rate: about that share of Han characters is replaced.

    The errors depend on seed and text alone: what stands beside a text changes nothing of it.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)

    def __call__(self, text: str, rate: float) -> str:
        self._random.seed(f"{self._seed} {rate} {text}")
        out = []
        for character in text:
            draw = self._random.random()
            if is_han(character) and draw < rate:
                out.append(self._replace(character))
            elif draw > 0.99:
                continue
            else:
                out.append(character)
                if draw > 0.98:
                    out.append(self._random.choice(_FILLERS))
        return "".join(out) or text

    def _replace(self, character: str) -> str:
        initial, final = split(syllable(character))
        draw = self._random.random()
        if draw < 0.55:
            wanted = initial + final
        elif draw < 0.80:
            wanted = self._random.choice(_NEAR_INITIAL.get(initial, initial).split() or [""])
            wanted += final
        else:
            wanted = initial + self._random.choice(_NEAR_FINAL.get(final, final).split() or [""])
        candidates = [c for c in _by_sound().get(wanted, ()) if c != character]
        return self._random.choice(candidates) if candidates else character
