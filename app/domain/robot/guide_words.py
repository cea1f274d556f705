"""What an answer to a guided step means: the words for yes and no come from the question itself.

「灯亮着吗？」 is answered with 亮着, 不亮, 灭的 or 没反应, and seldom with 是 or 不是. The last
question of a step names its predicate (a topic below); each topic knows how a yes and a no to it
sound. Where both are heard the later one counts, because people think aloud.
"""

import re
from dataclasses import dataclass

_UNSURE = re.compile(
    "不知道|不清楚|不晓得|不懂|不会|看不清|看不懂|看不明白|看不出|瞧不清|眼睛不好|眼神不好|眼花|老花|搞不来"
    "|弄不来|弄不了|弄不好|弄不明白|搞不定|搞不懂|够不着|够不到|不敢(?:动|碰|弄|拔)|找不到(?!网|台|信号|名|无线|WiFi|wifi)"
    "|没找到|在哪|哪(?:个|里|儿|根|边|头)|什么(?:是|叫|灯|线|键|插头|东西)|啥(?:是|叫|灯|线|键)|怎么(?:弄|看|按|拔|插|搞|选)"
    "|不在家|没在家|不在旁边|在外面|在上班|腿脚不|爬不|弯不下|不方便"
    "|没(?:有)?(?:电脑|网线|新电池|电池|别的插座|多的插座|工具|梯子|眼镜)"
)
_SEND = re.compile(
    "派(?:个|一?位)?(?:师傅|人)|叫(?:个|一?位)?(?:师傅|人)来|(?:人|师傅)(?:过)?来(?:修|看|弄|一趟)|上门|来修|来看看"
)
_NOT_SEND = re.compile("(?:不用|不要|别|先不|不必)(?:再)?(?:派|叫|来|上门)")
#: It works again, whatever was asked.
_SOLVED = re.compile(
    "恢复了|修好了|都好了|又好了|现在好了|真好了|(?<![不没])(?:能|可以)(?:看|用|上网|看电视|放|听|打开)了"
    "|(?<!没)有(?:画面|信号|声音|声儿?|图像|节目|网)了|正常了|出来(?:画面|声音|节目|图像)了|解决了|^好了有了"
)
_NOT_YET = re.compile(
    "没(?:有)?(?:好|恢复|修好|正常|解决)|不正常|还不|还没|还是(?:不|没)|不能|不行|又不|没用"
)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a question is about (``asked`` in it), and the words of its yes and its no."""

    asked: re.Pattern[str]
    yes: re.Pattern[str]
    no: re.Pattern[str]


def _topic(asked: str, yes: str, no: str) -> Topic:
    return Topic(re.compile(asked), re.compile(yes), re.compile(no))


_DARK = (
    "不亮|没亮|没有?亮|灭|熄|黑(?:的|着|了|乎|漆)|没(?:有)?灯|没(?:有)?反应|没(?:有)?电|不通电"
    "|没动静|没用|没变|不行|白(?:搭|弄|插|换)|暗的|不闪|(?:都|也)没有|^没(?:有)?(?:啊|呢|呀)?$|(?<=.)没有(?:啊|呢|呀)?$"
)
_STILL_BAD = (
    "还是|还没|没好|没变|没(?:有)?(?:反应|变化|用|作用|效果|动静|画面|图像|信号|声|节目|网|台|啊|呢|有|改善)|没有(?!问题)"
    "|不行|不能|不正常|不好使|不管用|不起作用|不出来|不灵|不成|不可以|上不(?:了|去)|看不(?:了|到|见|成)|打不开|连不上"
    "|用不了|放不出|听不(?:到|见)|按不动|一样|老样子|照旧|照样|依旧|黑屏|蓝屏|雪花|无信号|花屏|卡(?!里)|慢|断断续续"
    "|没有?好|坏的|不动|^没|白(?:搭|弄|插|按|换|拔|装|忙|费|折腾|做|试)|转圈"
)
_GOOD = (
    "(?<![不没])好(?:了|啦|点|些|多|像好|一点|一些)|(?<![没还])有(?:了|啦|画面|图像|信号|声|节目|网|反应|效果|改善)|出来(?:画面|声音|节目|图像)?了|(?<![不没])正常"
    "|(?<!不)(?:能|可以|可)(?:看|用|上|打开|听|放|了|换|动)|连上了|连好了|接上了|通了|行了|看到了|看得(?:到|见|了)|听(?:到|得到|见)了?"
    "|上去了|快(?:了|多|点|些)|不卡了|不慢了|灵了|恢复|打开了|清楚了|解决"
)
#: The first topic whose words the question has; the last one holds for every "does it work now".
_TOPICS = (
    _topic(
        "红(?:色的)?灯.*灭",
        "(?<!没)(?<!不)灭|不红|没红|没(?:有红|了)|绿|不见了|不闪了|正常|好了",
        "没灭|不灭|没有灭|还(?:是)?(?:红|亮|闪|在|有|那样)|还是|没变|一样|照样|红着|亮着|在闪",
    ),
    _topic(
        "红(?:色的)?灯",
        "(?<!没有)(?<!没)(?<!不)(?<!不是)红(?!的没|灯没|灯不亮|灯是?灭)|(?<!没)有(?:一|个|红|的)|^有|在闪|亮红|红灯(?:在|一直|闪|亮)",
        "没(?:有|见|看到|看见|发现|啥|什么)?.{0,3}红|没有|没见|没看(?:到|见)|没红|不红|不是红|不亮|绿|白(?:色|的)|蓝|都(?:正常|好)|红(?:的|灯)?(?:没|不亮|灭)|灭",
    ),
    _topic(
        "灯有变化",
        "(?<!没)有(?!变化吗)|变了|会(?:闪|亮|变)|(?<!不)闪|亮了一下|动了|跳",
        "没(?:有)?(?:变|反应|动|闪|亮)?|不(?:变|闪|亮|动)|一样|老样子",
    ),
    _topic(
        "灯|亮不亮",
        "(?<![不没])(?<!没有)亮|有(?:灯|光|电)|在闪|闪(?:着|了)|绿|蓝(?:灯|色|的)|红(?:灯|色|的)",
        _DARK,
    ),
    _topic(
        "提示.*(?:没有|消失|没了)|消失",
        "没(?:有)?了|不见了|消失了|不提示|不显示|好了|没再|(?<!不)能看|正常",
        "还|没消失|没有消失|照样|一样|老样子|又(?:出|跳|弹)|在的|不行|没用|没变",
    ),
    _topic(
        "所有.*频道.*吗|都卡",
        "都(?:卡|花|是|这样|不|有)|全(?:部|都)?|所有|每(?:个|一)|哪个都|(?:个个|到处)",
        "几个|个别|有(?:的|些)|一(?:个|两个)|两(?:个|三)|三四|不(?:是|全)|部分|别的(?:台|频道)?(?:都)?(?:好|正常|不卡)|就[^是]{0,6}(?:台|频道)|只",
    ),
    _topic(
        "交过费|交费",
        "(?<!没)(?<!没有)交(?:过|了|的)|充(?:过|了)|刚交|续(?:了|过)|缴(?:过|了)|不欠|没欠|自动扣",
        "没(?:有)?(?:交|缴|充|续)|没有|忘|欠(?:着|了|费)|(?:还|好久|很久|一直)没|停了",
    ),
    _topic(
        "也慢",
        "(?<!不)慢|也(?:是|一样|不行|卡|这样)|一样|都(?:慢|卡|不行)|卡|没(?:有)?(?:变|快|区别|差别)|同样",
        "不慢|(?<!没)快|正常|不卡|没问题|好的|还(?:可以|行)|网线(?:的)?(?:可以|行|好)|够(?:的|速)",
    ),
    _topic(
        "看到.*(?:名字|网)|能看到",
        "(?<![不没])(?<!没有)看(?:到|见|得到|得见)|(?<!没)有(?!没有)|能(?:看|搜|找)|在的|搜(?:到|得到)|找到了|出来了|连着",
        "(?:看|搜|找)不(?:到|见|着)|没(?:有|看|搜|找|出)|不(?:能|见|显示)|空的",
    ),
    _topic("", _GOOD, _STILL_BAD),
)


def reading(question: str, text: str) -> str:
    """``yes``, ``no`` or ``unsure``, as an answer to the question of a step; empty where the words
    do not answer it."""
    topic = _topic_of(question)
    at_yes, at_no = _last(topic.yes, text), _last(topic.no, text)
    if at_yes < 0 and at_no < 0:
        return "unsure" if is_lost(text) else ""
    if is_lost(text) and not (at_yes >= 0 and at_no < 0):
        return "unsure"
    return "yes" if at_yes > at_no else "no"


def is_lost(text: str) -> bool:
    """Whether somebody cannot see, find, reach or do what was asked."""
    return bool(_UNSURE.search(text))


def is_solved(text: str) -> bool:
    """Whether it is said that everything works again, whatever was asked."""
    return bool(_SOLVED.search(text)) and not _NOT_YET.search(text) and not _asks(text)


def wants_visit(text: str) -> bool:
    """Whether somebody would rather have a technician come."""
    return bool(_SEND.search(text)) and not _NOT_SEND.search(text)


def _asks(text: str) -> bool:
    return text.rstrip("？?").endswith(("吗", "么", "没有呢"))


def _topic_of(question: str) -> Topic:
    """By the last sentence of what the robot said, which is the question."""
    last = [part for part in re.split("[。？！，]", question) if part][-1:]
    asked = last[0] if last else ""
    return next(topic for topic in _TOPICS if topic.asked.search(asked))


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends; -1 for none. Of a yes inside a no (没亮) the longer one counts."""
    return max((match.end() for match in pattern.finditer(text)), default=-1)
