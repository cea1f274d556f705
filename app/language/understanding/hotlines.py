"""Digits that say nothing of what is wanted, and those that do: 12315 is a threat."""

import re

from app.language.understanding.numbers import strict_digits

#: Numbers that people name, not dictate: authorities, emergency calls, other operators, help lines.
HOTLINES = frozenset({
    "12345", "12315", "12300", "12318", "12381", "12321", "12377", "12356", "12358", "12366",
    "96110", "95598", "110", "119", "120", "122", "114", "10086", "10000", "10010", "10099",
})  # fmt: skip
_DICTATED = re.compile("[0-9零〇一幺二两三四五六七八九]{3,}")
#: What is left beside a dictated number has to be longer than this to mean anything.
_REST = 4


def without_dictation(text: str) -> str:
    """The words without dictated digits; hotlines are words."""
    return _DICTATED.sub(lambda m: m.group() if strict_digits(m.group()) in HOTLINES else "", text)


def is_dictation(text: str) -> bool:
    """Whether a number is dictated and hardly anything else is said."""
    left = without_dictation(text)
    return left != text and len(left) <= _REST
