"""Digits that say nothing of what is wanted, and those that do: 12315 is a threat."""

import re

from app.language.understanding.numbers import strict_digits

#: Numbers that people name, not dictate: authorities, emergency calls, other operators, help lines.
HOTLINES = frozenset({
    "12345", "12315", "12300", "12318", "12381", "12321", "12377", "12356", "12358", "12366",
    "96110", "95598", "110", "119", "120", "122", "114", "10086", "10000", "10010", "10099",
})  # fmt: skip
_DIGITS = "[0-9零〇一幺二两三四五六七八九]{3,}"
#: With what is said around the number of somebody's telephone, account or card.
_DICTATED = re.compile(
    "(?:(?:我们?|我家|他|她|机主|户主|老人)?的?(?:联系|登记|预留|身份证)?"
    f"(?:电话|手机|号码|户号|账号|帐号|卡号|编号|单号|尾号|身份证)号?码?(?:就?是|为)?)?({_DIGITS})"
)
#: What is left beside a dictated number has to be longer than this to mean anything.
_REST = 4


def without_dictation(text: str) -> str:
    """The words without dictated digits and what announces them; hotlines are words."""
    return _DICTATED.sub(lambda m: m.group() if strict_digits(m.group(1)) in HOTLINES else "", text)


def is_dictation(text: str) -> bool:
    """Whether a number is dictated and hardly anything else is said."""
    left = without_dictation(text)
    return left != text and len(left) <= _REST
