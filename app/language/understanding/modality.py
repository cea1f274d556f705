"""Is a disconnect wish meant, denied, or only asked about? Rules over the normal form."""

import re

from app.language.understanding.understood import REASON

_TRIGGER = "(?:报停|停机|拆机|退订|注销|销户|转网|退网|停掉|停了|拆掉|拆了|取消|停|销|拆)"
#: A-not-A questions are resolved first: 要不要 and 能不能 hold no negation.
_A_NOT_A = re.compile("可不可以|需不需要|有没有|(.)不\\1")
_NEGATED = re.compile(
    "(?:不是(?!不)|没有|没说过?|没|别|不想|不打算|不要|不用|先不|暂时不|不准|不同意|不)"
    "(?:要|说|是|打算|想|给我|帮我|办理?|申请|我|过)*" + _TRIGGER
    + "|" + _TRIGGER + ".{0,3}(?:我)?(?:没说过|没同意|不同意|没有说过)"
    + "|谁(?:让|叫|说|要|给).{0,5}" + _TRIGGER + "|不是(?:不用|不要)了"
    + "|(?:不|没想|没打算|不想|不是要)(?:换|转)(?:到|成|去)?(?:移动|电信|联通|别家|别的)"
)  # fmt: skip
_ASKED = re.compile(
    "多少钱|几块钱|收费|手续|资料|违约金|押金|怎么|如何|多久|还能|扣钱|赔钱|罚钱|罚款|代办|本人|[要带]什么"
    "|身份证|(?:赔|罚|扣).{0,4}钱|(?:最多|最长).{0,4}(?:停|报)|(?:停|报).{0,3}(?:最多|最长)"
    "|(?:会|要|用|退|收|扣|赔)不(?:会|要|用|退|收|扣|赔)"
)
_QUESTION = re.compile(
    "吗|什么|多少|几点|怎么走|多远|会不会|要不要|能不能|可不可以|需不需要|哪里|哪儿|几(?:天|个|块|回|次|年)"
    "|问一下|问问|了解一下|咨询|如果|的话|不$"
)
_REQUEST = re.compile("帮我|给我")
#: What somebody else said is no wish of the caller's.
_REPORTED = re.compile(
    "(?:师傅|客服|人家|营业员|他们|你们的人|业务员).{0,4}(?:说|讲|让|叫)"
    # a neighbour's stop: 楼上王姐把有线退了
    "|(?:楼上|楼下|隔壁|对门|邻居|[他她]们?家|我同事|我朋友).{0,8}(?:停|拆|退|销|撤|断|换)(?:了|掉)"
)


def modality(text: str) -> tuple[str, str]:
    """``negated``, ``enquiry``, ``reported`` or ``wish``, with the words that decided it."""
    resolved = _A_NOT_A.sub("问问问", text)
    negated = _NEGATED.search(resolved)
    if negated:
        return "negated", negated.group()
    asked = _ASKED.search(text)
    if asked:
        return "enquiry", asked.group()
    question = _QUESTION.search(text)
    if question and not _REQUEST.search(text):
        return "enquiry", question.group()
    reported = _REPORTED.search(text)
    if reported:
        return "reported", reported.group()
    return "wish", ""


_ANYTHING_ELSE = re.compile("(?:还有|其他|别的|其它).{0,6}(?:吗|需要|什么|问题|帮)")
_YES_NO = re.compile(
    "(?:吗|么|呢|吧|好不好|行不行|可以不|对不对|是不是|要不要|需不需要|可不可以|能不能)$"
    "|^(?:是不是|要不要|需不需要|可不可以|能不能|您是|请问您)"
)


_WHY = re.compile(
    "为什么|为啥|什么原因|啥原因|怎么想(?:到|起)?[要停拆退]|怎么(?:就)?不(?:想|用|要|看|续)|原因是|是因为什么"
)


def expected_after(words: str) -> str:
    """The state of the conversation after the other side's words: a section of short replies, or
    REASON."""
    if _WHY.search(words):
        return REASON
    if _ANYTHING_ELSE.search(words):
        return "anything_else"
    return "question" if _YES_NO.search(words) else ""
