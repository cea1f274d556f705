"""What the form of a sentence says by itself: a question, an end, a yes, a refusal.

Only forms that hold whatever the sentence is about; what callers want is decided elsewhere. All
functions take a caller's words as they were heard, with or without punctuation.
"""

import re

_PUNCTUATION = re.compile(r"[\s，。！？、,.!?~…；;：:]+")
_ASKS = re.compile(
    "吗|多少|(?<![前好这那过十])几(?:块|个|天|点|号|时|年|月|岁|次|路|兆|折)|怎么|咋|什么|啥|哪|为何|多久|多长|多大|谁"
    "|[^道]呢$|(?<!那)么$|问一下|问下|问问|想问|请问|打听|咨询|了解一下|是不是|有没有|能不能|可不可以"
    "|(.)不\\1|能否|是否|(?:能|会|可以|有|要|行|好).{0,8}(?:不|没)$|[?？]"
)
_NOT_ASKED = re.compile(
    "没什么|没啥|没怎么|不怎么|什么都|啥都|啥也|谁都|哪都|怎么都|什么也|无所谓|什么时候都|随便什么|怎么弄都"
    "|(?:不[对要用是行好]){2,}"
)
#: Says that something is to be done, though the form may be a question.
_WISHES = re.compile(
    "我要(?!问|咨询|了解|是)|我想(?!问|咨询|了解|知道|请问)|(?:帮|给|替)(?:我|忙|咱|他|她|老人)"
    "|麻烦.{0,4}(?:办|弄|登记|安排|处理|来)|想(?:办理?|装|移|改|换|停|报|退|开)(?!.{0,6}(?:多少|什么|怎么))"
)
_END = (
    "没有了|没有啦|没有|没了|没啦|没别的了|没别的|没其他的|没其他|没事了|没事儿了|没事|没问题了|不用了"
    "|不用|不要了|不需要了|不需要|不麻烦了|不打扰了|就这样|就这些|就这个|就这|先这样|这样吧|这样就行"
    "|够了|可以了|行了|好了|明白了|明白|知道了|晓得了|了解了|清楚了|懂了|谢谢|谢了|多谢|感谢|谢啦|辛苦了"
    "|麻烦了|麻烦你了|麻烦您了|再见|拜拜|挂了|回头再说|下次再说|有事再打|完了|算了"
)
_FILLS = (
    "哦|噢|喔|嗯|唔|啊|呀|啦|吧|哈|哎|诶|了|呢|嘛|好的|好嘞|好吧|好|行|可以|成|得|那|我|你|您|你们|您们|都"
    "|也|就|先|暂时|目前|现在|其他|其它|别的|事情|事|问题|ok|OK|对|是的|是|非常|太|啊哈|今天|什么|真的|的"
)
_CLOSES = re.compile(f"(?:{_END}|{_FILLS})+")
_ENDS = re.compile(_END)
_AGREES = re.compile(
    "(?:对头|对的|对对|对|没错|不错|是的|是|没问题|没有问题|没变|正确|一样|好的|好嘞|好|行|可以|中|成|要得"
    "|嗯|哦|噢|啊|呀|呢|嘛|的|了|吧|哈|就|用|打|按|这个|这|那|个|号码|号|电话|手机|地址|家|住|这里|这儿"
    "|那里|联系|你|您|我|们|记|登记|一直|还|现在|目前|ok|OK|确定|确认|也|都|能|找|到|谢谢)+"
)
_AGREEING = re.compile(
    "对|没错|不错|是的|^是|没问题|没有问题|没变|正确|一样|好|行|可以|中|成|要得|确定|确认|嗯"
    "|就(?:用|打|是|按)?这|ok|OK"
)
_REFUSES = re.compile(
    "不对|错了|说错|不是|换(?:一)?个|换了|改了|搬了|别的(?:号|电话|手机|地址)|另(?:外|一个)|不用这|不要这"
    "|不打这|打不通|早就不"
)
_DECLINES = re.compile(
    "^(?:那|哦|噢|嗯|啊|哎|呃|先|暂时|目前|现在|还是)*(?:不用|不要|不需要|不了|不登记|不办|没有|算了|不必|不急|再说|先不|不是)"
    "|(?:就|只|只是|就是|随便|先)(?:是|想|来|先)?(?:问|打听|了解|咨询|看看)"
)
_KEEPS_BACK = re.compile(
    "不(?:想|愿意?|能|肯|方便|便)?(?:告诉|说|讲|给|报|透露|提供|留)|凭什么|凭啥|(?:跟|和|对)你(?:们)?(?:讲|说)|关你(?:们)?(?:什么)?事|干嘛要|干吗要"
    "|为什么要|为啥要|要这个(?:干|做|有)|保密|隐私|不放心|骗子吧|套我|记不住|记不得|记不清|不记得|忘了"
    "|没带|不在身边|找不到身份证|不知道身份证|你们(?:系统|那边)?(?:里)?(?:不是)?(?:都)?有"
)
_ANY_TIME = re.compile(
    "都行|都可以|都在|都好|都有空|随时|随便|随你|看你|你们(?:定|安排)|您(?:定|安排)|尽快|越快|马上|赶紧|立刻"
    "|现在就|这会|尽早|什么时候都|无所谓|全天|整天|一天到晚"
)
_UNKNOWN_TIME = re.compile(
    "不知道|不一定|说不准|说不好|再说|没准|不确定|定不了|不好说|看情况|还没定"
)
_DROPS = re.compile(
    "不(?:办|报|登记|弄|修|搞|移|装|投诉|查|要登记|用登记|用报|用办|用查)了|先不(?:办|报|登记|弄|修|移|装|投诉|查)"
    "|改天再|下次再|以后再说|回头再|取消登记|别登记|别报了|不麻烦你们"
    "|我自己(?:弄|来|看|搞|修|试|处理|解决)|^(?:那|哎|唉|哦)?算了(?!.{0,8}(?:停|拆|退|销|换|移|装|报|查|投诉|人工))"
)
_FRAUD = re.compile(
    "(?:冒充|假扮|假装|自称|说(?:自己)?是你们|打着你们).{0,24}(?:钱|转|码|卡|密码|扫|退费|验证|身份证)|叫我转(?:账|钱)|让我转(?:账|钱)"
    "|(?:要|问|套|骗)(?:我|了我|走|走了)?(?:的)?验证码|诈骗|冒充你们|假(?:的)?(?:客服|师傅|员工|业务员)"
)
_GREETS = re.compile(
    "(?:喂|你好|您好|哈喽|嗨|早上好|下午好|晚上好|在吗|有人吗|啊|呀|请问|那个|嗯|麻烦|打扰(?:一下|了)|我|想|要|问|咨询|打听"
    "|了解|反映|说|个|一下|下|点|一个|事|事情|问题|情况|有)+"
)
_ASKS_WHY = re.compile(
    "(?:要|问|留|记|查)(?:我|我的|人家)?(?:的)?(?:电话|号码|手机|地址|住址|身份证).{0,4}(?:干|做|有(?:什么|啥)用)|为(?:什么|啥).{0,4}(?:要|问|留|记|查)"
)
_GIVES_UP = re.compile("(?:那|哎|唉|哦|噢)?算了(?:算了|吧|不用了|不办了|谢谢|啊|哈)*")
_ADDED = re.compile(
    "[，。,；;]?(?:另外|还有(?:就是|一个|个事|件事)?|顺便|对了|再一个|再就是|第二个?|二来|然后还)"
)
_SHORTEST_TOPIC = 5
_UNSURE = re.compile("不知道|不清楚|不晓得|不懂|说不清|说不上|搞不清|弄不清|记不清|记不得|不记得")


def topics(text: str) -> tuple[str, str]:
    """What is said first, and what is added as another matter (另外, 还有, 顺便); the second is
    empty where nothing is added."""
    found = _ADDED.search(text)
    if found is None:
        return text, ""
    first, second = text[: found.start()], text[found.end() :]
    whole = min(len(plain(first)), len(plain(second))) >= _SHORTEST_TOPIC
    return (first, second) if whole else (text, "")


def plain(text: str) -> str:
    """The words without punctuation and spaces."""
    return _PUNCTUATION.sub("", text)


def is_question(text: str) -> bool:
    """Whether it has the form of a question."""
    return bool(_ASKS.search(_NOT_ASKED.sub("", text)))


def wishes(text: str) -> bool:
    """Whether something is asked to be done, not only to be told."""
    return bool(_WISHES.search(text))


def closes(text: str) -> bool:
    """Whether somebody says that it was all, and nothing besides."""
    said = plain(text)
    return bool(_CLOSES.fullmatch(said)) and bool(_ENDS.search(said))


def agrees(text: str) -> bool:
    """Whether something that was read back is right, in any of the usual ways."""
    said = plain(text)
    return bool(_AGREES.fullmatch(said)) and bool(_AGREEING.search(said)) and not is_question(said)


def declines(text: str) -> bool:
    """Whether what was offered to be done is not wanted: a no in other words, or only asking."""
    return bool(_DECLINES.search(plain(text))) and not wishes(text)


def refuses(text: str) -> bool:
    """Whether something that was read back is wrong, or another one is to be taken."""
    return bool(_REFUSES.search(text)) and not is_question(text)


def keeps_back(text: str) -> bool:
    """Whether somebody will not, or cannot, tell a number or an address."""
    return bool(_KEEPS_BACK.search(text))


def at_any_time(text: str) -> bool:
    """Whether any time is convenient, or the sooner the better."""
    return bool(_ANY_TIME.search(text))


def at_unknown_time(text: str) -> bool:
    """Whether somebody cannot say a time yet."""
    return bool(_UNKNOWN_TIME.search(text))


def greets(text: str) -> bool:
    """Whether somebody only begins to speak: a greeting, or that there will be a question."""
    return bool(_GREETS.fullmatch(plain(text)))


def asks_why(text: str) -> bool:
    """Whether somebody asks what a number or an address is wanted for."""
    return bool(_ASKS_WHY.search(text))


def tells_of_fraud(text: str) -> bool:
    """Whether somebody tells that they are, or may be, being deceived for money."""
    return bool(_FRAUD.search(text))


def drops(text: str) -> bool:
    """Whether somebody does not want any more what is being registered."""
    return bool(_DROPS.search(text)) or bool(_GIVES_UP.fullmatch(plain(text)))


def is_unsure(text: str) -> bool:
    """Whether somebody says that they do not know."""
    return bool(_UNSURE.search(text))
