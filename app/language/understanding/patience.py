"""How long to wait after what was said so far: short where it is whole, long where more must come.

The end of a turn is in the words as much as in the silence: Skantze (2021), Turn-taking in
conversational systems and human-robot interaction: a review.
"""

import re

from app.language.understanding.incremental import Understands

#: Milliseconds of quiet.
WHOLE_MS, ORDINARY_MS, DICTATING_MS, OPEN_MS = 200, 250, 900, 600
#: A question that is found so well is taken to be whole.
SURE_ANSWER = 0.55
_DIGITS = re.compile("[零一二三四五六七八九幺两〇0-9]{3,}$")
_PHONE_LENGTH = 11
#: Words that somebody goes on after.
_OPEN = re.compile(
    "(?:因为|所以|但是|然后|就是|那个|如果|要是|的话|还有|或者|我想|我要|我家|你们|号码是|电话是|地址是|我住|我叫)$"
)


def patience_ms(engine: Understands, text: str) -> int:
    """Milliseconds of quiet that end a turn after this partial text of one side."""
    digits = _DIGITS.search(text)
    if digits and len(digits.group()) < _PHONE_LENGTH:
        return DICTATING_MS
    if _OPEN.search(text):
        return OPEN_MS
    if not text:
        return ORDINARY_MS
    found = engine.understand(text)
    answered = bool(found.faq) and found.faq[0].score >= SURE_ANSWER
    return WHOLE_MS if found.action == "act" or answered else ORDINARY_MS
