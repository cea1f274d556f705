"""A customer's answer to the second confirmation, in any form: yes, no, or neither."""

import re

from app.language.understanding.normalise import normalise

YES, NO = "yes", "no"
#: Nothing against it; taken away before a no is looked for.
_NO_OBJECTION = re.compile(
    "没(?:有)?(?:意见|问题|异议|事|关系|啥说的)|不反对|不错|不后悔|(?:怎么|有什么|有啥|哪有)不(?:行|可以|好)(?:的)?|不用再?(?:问|说|讲|确认)了?"
)
_ASKS = re.compile(
    "吗|么$|什么|多少|为什么|为啥|怎么|几[年个天块]|多久|啥时候|哪[里个儿]|会不会|要不要|能不能|可不可以|行不行|好不好"
    "|是不是|会怎样|(?<!好)呢$|^要是|^如果|^等(?:一下|下|会)|没听清|再说一遍"
)
_REFUSES = re.compile(
    "不(?:要|办|同意|行|用|想|弄|换|是|对|好(?!意思)|可以|考虑|停|拆|销|改|退|开|接受|愿意|需要|答应|签|了|$)|^不+$"
    "|(?:先|千万)?别(?:办|给|弄|停|拆|开|动|急着)|算了|(?:想|考虑|商量|研究)(?:一下|想|下)|考虑考虑"
    "|(?:问|商量)(?:一?下|问)|没(?:有)?(?:同意|说|答应|想好|让|要)|(?:下次|改天|以后|回头|过几天)再|再(?:说|看)|反悔|取消"
)  # fmt: skip
_AGREES = re.compile(
    "同意|确认|确定|可以|愿意|答应|接受|好(?!贵|吵|卡|慢|烦|差|不|多|像|久|几)|行|成$|^中$|^得$|要得|没问题|没意见|办(?:吧|了|上|$)|就(?:这么|这样|按)|按(?:这个|你|您)"
    "|(?:停|拆|销|换|改|开|退|弄)(?:吧|了吧|掉吧)|^(?:对|是)|对(?:的|对|就是)|没错|麻烦你|麻烦您|听(?:你|您)的|(?:你|您)(?:给我)?(?:弄|办|操作|看着办|开)"
    "|给(?:我)?(?:弄|办|开|停|拆)|要的|^要$|点头|^(?:停|拆|办)+$|嗯嗯|ok"
)  # fmt: skip


def answered(words: str) -> str:
    """``yes``, ``no``, or empty: a question or anything else answers nothing."""
    text = normalise(words).text
    plain = _NO_OBJECTION.sub("好", text)
    if not plain or _ASKS.search(plain):
        return ""
    if _REFUSES.search(plain):
        return NO
    return YES if _AGREES.search(plain) else ""
