"""Who corrects himself means what he says last: 我要拆机不对我是要移机."""

import re
from dataclasses import replace

from app.language.understanding.normalise import Normalised

#: What takes the words before it back. 不是 alone does not: 我不是要停.
_TAKEN_BACK = re.compile(
    "哦?不对不对|啊?不对(?!劲|应|号|账|数|味|头|啊$|吗|吧|呀|的|了)|(?:我|刚才|刚刚)?说错了?(?!话)|口误|讲错了?"
    "|哦不是(?!说)|啊不是(?!说)|不是不是|更正一下|错了错了|我(?:的意思)?是(?:想)?说"
)
_SHORTEST = 4


def last_wish(normal: Normalised) -> Normalised:
    """The words after the last correction; all of them where none is made or hardly any follow."""
    end = 0
    for match in _TAKEN_BACK.finditer(normal.text):
        if match.start() >= _SHORTEST and len(normal.text) - match.end() >= _SHORTEST:
            end = match.end()
    if not end:
        return normal
    return replace(normal, text=normal.text[end:], offsets=normal.offsets[end:])
