"""Sound codes: a syllable as two half-syllables, toneless, with Cantonese-accent folding.

Every half-syllable is one private-use character, so that n-grams, edit distance and TF-IDF work on
sounds as they work on text. Folded: zh/z ch/c sh/s n/l f/h an/ang en/eng in/ing, hua/fa.
"""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_INITIALS = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s", "y", "w",
)  # fmt: skip
_FOLD_INITIAL = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "f": "h"}
_FOLD_FINAL = {
    "ang": "an", "eng": "en", "ing": "in", "iang": "ian", "uang": "uan", "ong": "ong",
}  # fmt: skip
_FOLD_AFTER_H = {
    "ua": "a", "uai": "ai", "uan": "an", "uang": "an", "ui": "ei", "un": "en", "uo": "o",
}  # fmt: skip
_HALF_BASE = 0xE000
_SYLLABLE_BASE = 0xF0000
_codes: dict[str, str] = {}


def _code(key: str, base: int) -> str:
    """A stable private-use character for a key, the same for the life of the process."""
    found = _codes.get(key)
    if found is None:
        found = _codes[key] = chr(base + len(_codes))
    return found


def is_han(character: str) -> bool:
    return "一" <= character <= "鿿"


@lru_cache(maxsize=16384)
def syllable(character: str) -> str:
    """Toneless pinyin of a character in its most common reading; itself where it has none."""
    if not is_han(character):
        return character
    return lazy_pinyin(character, style=Style.NORMAL)[0].replace("ü", "v")


def split(pinyin: str) -> tuple[str, str]:
    """Initial and final of a toneless syllable."""
    for initial in _INITIALS:
        if pinyin.startswith(initial):
            return initial, pinyin[len(initial) :]
    return "", pinyin


def fold(pinyin: str) -> tuple[str, str]:
    """Initial and final with the accent folded away."""
    initial, final = split(pinyin)
    if initial == "h" and final in _FOLD_AFTER_H:
        return "h", _FOLD_AFTER_H[final]
    return _FOLD_INITIAL.get(initial, initial), _FOLD_FINAL.get(final, final)


@lru_cache(maxsize=16384)
def _half(character: str) -> str:
    if not is_han(character):
        return _code(f"c:{character}", _HALF_BASE)
    initial, final = fold(syllable(character))
    return _code(f"i:{initial}", _HALF_BASE) + _code(f"f:{final}", _HALF_BASE)


def half_syllables(text: str) -> str:
    """Two codes a Han character, one for any other."""
    return "".join(map(_half, text))


@lru_cache(maxsize=16384)
def _exact(character: str) -> str:
    return _code(f"s:{syllable(character)}", _SYLLABLE_BASE)


def syllables(text: str) -> str:
    """One code a character: the toneless syllable without folding."""
    return "".join(map(_exact, text))


@lru_cache(maxsize=16384)
def _folded(character: str) -> str:
    return _code("f:" + "|".join(fold(syllable(character))), _SYLLABLE_BASE)


def folded_syllables(text: str) -> str:
    """One code a character: the folded syllable."""
    return "".join(map(_folded, text))
