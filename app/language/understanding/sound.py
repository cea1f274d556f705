"""Sound codes: a syllable as two half-syllables, toneless, with Cantonese-accent folding.

Every half-syllable is one private-use character, so that n-grams, edit distance and TF-IDF work on
sounds as they work on text. The codes are the same in every process: what is learned in one serves
in another. Folded: zh/z ch/c sh/s n/l f/h an/ang en/eng in/ing, hua/fa.
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
_FINALS = (
    "", "a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "i", "ia", "ian", "iang", "iao",
    "ie", "in", "ing", "iong", "iu", "o", "ong", "ou", "u", "ua", "uai", "uan", "uang", "ue", "ui",
    "un", "uo", "v", "ve",
)  # fmt: skip
_INITIAL_AT = {initial: at for at, initial in enumerate(("", *_INITIALS))}
_FINAL_AT = {final: at for at, final in enumerate(_FINALS)}
_OTHER_FINAL = len(_FINALS)
_INITIAL_BASE, _FINAL_BASE, _SYLLABLE_BASE = 0xE000, 0xE100, 0xF0000


def _pair(initial: str, final: str) -> tuple[int, int]:
    return _INITIAL_AT[initial], _FINAL_AT.get(final, _OTHER_FINAL)


def _whole(initial: str, final: str) -> str:
    """One private-use character for a whole syllable."""
    first, second = _pair(initial, final)
    return chr(_SYLLABLE_BASE + first * 64 + second)


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
        return character
    first, second = _pair(*fold(syllable(character)))
    return chr(_INITIAL_BASE + first) + chr(_FINAL_BASE + second)


def half_syllables(text: str) -> str:
    """Two codes a Han character; any other character stands for itself."""
    return "".join(map(_half, text))


@lru_cache(maxsize=16384)
def _exact(character: str) -> str:
    return _whole(*split(syllable(character))) if is_han(character) else character


def syllables(text: str) -> str:
    """One code a character: the toneless syllable without folding."""
    return "".join(map(_exact, text))


@lru_cache(maxsize=16384)
def _folded(character: str) -> str:
    return _whole(*fold(syllable(character))) if is_han(character) else character


def folded_syllables(text: str) -> str:
    """One code a character: the folded syllable."""
    return "".join(map(_folded, text))
