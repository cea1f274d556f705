"""Words as the phones of the embedded speech model: initials and toneless finals.

65 phones: SIL (the CTC blank), 21 initials, 4 onsets of syllables without an initial, 39 finals.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, pinyin
from pypinyin.contrib.tone_convert import to_finals, to_initials

from app.language.understanding.sound import is_han

Phones = tuple[str, ...]

_INITIALS = (
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r",
    "z", "c", "s",
)  # fmt: skip
#: Onsets of syllables that begin with i, u, ü, or a, o, e.
_ONSETS = ("y_", "w_", "v_", "o_")
_FINALS = (
    "a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er", "i", "ii", "ix",
    "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong", "u", "ua", "uo", "uai", "ui",
    "uan", "un", "uang", "ueng", "v", "ve", "van", "vn", "ê",
)  # fmt: skip
PHONES: Phones = ("SIL", *_INITIALS, *_ONSETS, *_FINALS)
PHONE_AT = {phone: at for at, phone in enumerate(PHONES)}
_FINAL_NAMES = {"iou": "iu", "uei": "ui", "uen": "un", "io": "o", "ue": "ve"}
_WHOLE = {"n": "en", "ng": "en", "m": "en", "hm": "en", "hng": "en", "yo": "o", "lo": "luo"}
_MOST_READINGS = 3


@lru_cache(maxsize=4096)
def syllable_phones(syllable: str) -> Phones | None:
    """Two phones of a pinyin syllable, with or without a tone digit; None for an unknown one."""
    plain = syllable.lower().replace("u:", "v").replace("ü", "v").rstrip("012345")
    plain = _WHOLE.get(plain, plain)
    initial = to_initials(plain, strict=True)
    final = to_finals(plain, strict=True, v_to_u=False).replace("ü", "v")
    final = _FINAL_NAMES.get(final, final)
    if final == "i" and initial in ("z", "c", "s"):
        final = "ii"
    elif final == "i" and initial in ("zh", "ch", "sh", "r"):
        final = "ix"
    if not initial:
        initial = {"i": "y_", "u": "w_", "v": "v_"}.get(final[:1], "o_")
    known = initial in PHONE_AT and final in PHONE_AT
    return (initial, final) if known else None


def word_phones(word: str, overrides: Mapping[str, str] | None = None) -> Phones | None:
    """A word in its usual reading, or as ``overrides`` spells it in pinyin; None where unknown."""
    spelled = (overrides or {}).get(word)
    syllables = spelled.split() if spelled else lazy_pinyin(word, style=Style.TONE3)
    found: list[str] = []
    for syllable in syllables:
        phones = syllable_phones(syllable)
        if phones is None:
            return None
        found += phones
    return tuple(found) or None


def readings(word: str, overrides: Mapping[str, str] | None = None) -> tuple[Phones, ...]:
    """All readings: several for a single character that has a few, one for a word."""
    if len(word) == 1 and word not in (overrides or {}):
        spelled = pinyin(word, style=Style.NORMAL, heteronym=True)[0]
        found = {phones for s in spelled if (phones := syllable_phones(s)) is not None}
        if 0 < len(found) <= _MOST_READINGS:
            return tuple(sorted(found))
    usual = word_phones(word, overrides)
    return (usual,) if usual is not None else ()


def pronounceable(word: str) -> bool:
    """Whether a word is of Han characters that all have a reading."""
    return bool(word) and all(map(is_han, word)) and bool(readings(word))


def phones_of(words: Sequence[str]) -> dict[str, tuple[Phones, ...]]:
    """Readings of many words; those without one are left out."""
    return {word: found for word in words if (found := readings(word))}
