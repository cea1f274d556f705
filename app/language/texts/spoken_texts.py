"""What is said on the line, as sentences for a language model: content, and spoken values.

Values are sampled (seeded) from templates: telephone numbers, dates, amounts, addresses, plans.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from app.language.knowledge.content import Knowledge
from app.language.understanding.normalise import normalise
from app.language.understanding.sound import is_han

_DIGITS = "零一二三四五六七八九"
_SENTENCE_END = re.compile(r"[。！？!?；;\n，,、：:]")
_FIGURES = re.compile(r"\d+")
VALUES = 7000
FEWEST_CHARACTERS = 2
_ROADS = (
    "人民路",
    "建设路",
    "中山路",
    "解放路",
    "文化路",
    "新华街",
    "和平路",
    "东风路",
    "学院路",
    "环城路",
)
_SURNAMES = "张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹"
_GIVEN = "伟明芳丽强军敏静磊洋勇艳杰娟涛超霞平刚"


def number_words(value: int) -> str:
    """A number below 10,000 as it is spoken: 105 is 一百零五, 12 is 十二."""
    if value < 10:
        return _DIGITS[value]
    text, rest, gap = "", value, False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十")):
        digit, rest = divmod(rest, unit)
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + name
            gap = False
        elif text:
            gap = True
    if rest:
        text += ("零" if gap and text else "") + _DIGITS[rest]
    return text.removeprefix("一") if text.startswith("一十") else text


def spoken(text: str) -> str:
    """Han characters only: figures as they are read, everything else dropped."""

    def read(match: re.Match[str]) -> str:
        figures = match.group()
        short = len(figures) <= 4 and not figures.startswith("0")
        return number_words(int(figures)) if short else "".join(_DIGITS[int(d)] for d in figures)

    plain = _FIGURES.sub(read, normalise(text).text)
    return "".join(filter(is_han, plain))


def sentences(text: str) -> Iterator[str]:
    """The clauses of a written text as they are spoken."""
    for part in _SENTENCE_END.split(text):
        said = spoken(part)
        if len(said) >= FEWEST_CHARACTERS:
            yield said


def callers_texts(knowledge: Knowledge) -> list[str]:
    """How callers ask: questions, similar questions, phrases. Tests are never among them."""
    texts = [text for entry in knowledge.entries for text in entry.texts]
    texts += [phrase for kind in knowledge.kinds for phrase in kind.phrases]
    return [said for text in texts if (said := spoken(text))]


def agents_texts(knowledge: Knowledge, scripts: Iterable[str]) -> list[str]:
    """What agents and the robot say: spoken answers, scripts, prompts."""
    written = [entry.spoken for entry in knowledge.entries] + list(scripts)
    return [said for text in written for said in sentences(text)]


_BEFORE = "喂|你好|那个|就是|嗯|哎|请问|我想问一下|我想问下|问一下|师傅|帮我|我家|我们家|你们|那我|麻烦|不好意思|就是说|是这样的|我跟你说|家里|现在|今天|老是"
_AFTER = "啊|呢|吧|了|呀|哦|嘛|行不行|可以吗|怎么办|怎么回事|是吗|好吗|谢谢|对吧|你帮我看看|快点"


def colloquial(texts: Sequence[str], seed: int = 5) -> list[str]:
    """The same texts with what people say before and after them (seeded)."""
    chance = random.Random(seed)
    before, after = _BEFORE.split("|"), _AFTER.split("|")

    def dress(text: str) -> str:
        lead = chance.choice(before) if chance.random() < 0.7 else ""
        return lead + text + (chance.choice(after) if chance.random() < 0.5 else "")

    return [dress(text) for text in texts]


class Values:
    """Sampled sentences with values in them; the same seed gives the same sentences."""

    def __init__(self, places: Sequence[str], plans: Sequence[str], seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._places = tuple(places) or _ROADS
        self._plans = tuple(filter(None, map(spoken, plans))) or ("套餐",)

    def sample(self, count: int = VALUES) -> list[str]:
        makers = (self._phone, self._address, self._moment, self._amount, self._plan, self._name,
                  self._digits_of, self._duration, self._channel, self._service, self._device,
                  self._device, self._formality, self._wish, self._wish, self._bill, self._asks)  # fmt: skip
        return [self._random.choice(makers)() for _ in range(count)]

    def _pick(self, words: str) -> str:
        return self._random.choice(words.split("|"))

    def _digits(self, count: int) -> str:
        one = self._random.choice("一幺")
        return "".join(
            one if (d := self._random.choice(_DIGITS)) == "一" else d for _ in range(count)
        )

    def _number(self, highest: int) -> str:
        return number_words(self._random.randint(1, highest))

    def _phone(self) -> str:
        start = self._pick("幺三|幺五|幺八|一三|一五|一八|幺七|幺九")
        return (
            self._pick("我的手机号是|我的电话是|联系电话|打这个号码|电话|")
            + start
            + self._digits(9)
        )

    def _address(self) -> str:
        place = self._random.choice(self._places)
        lead = self._pick("我家在|我住|地址是|装在|我家住在|")
        if self._random.random() < 0.3:
            return lead + self._random.choice(_ROADS) + self._number(200) + "号"
        unit = (
            self._number(30) + self._pick("栋|幢|号楼") + self._pick("|" + self._number(4) + "单元")
        )
        return (
            lead + place + unit + self._digits(self._random.choice((3, 4))) + self._pick("|室|房")
        )

    def _moment(self) -> str:
        day = self._pick(
            "今天|明天|后天|大后天|周一|周二|周三|周四|周五|周六|周日|下周一|下周三|星期天|礼拜六"
        )
        hour = self._pick(
            "八点|九点|十点|十一点|两点|三点|四点|五点|六点|七点|八点半|九点半|两点半|三点半"
        )
        part = self._pick("上午|下午|晚上|早上|中午|")
        return day + part + hour + self._pick("|可以吗|有空|来修|上门|可以|行不行")

    def _amount(self) -> str:
        lead = self._pick("我要交|一共|欠了|扣了我|多扣了|每个月|一年|退我|充|才|要")
        return lead + self._number(500) + self._pick("块|元|块钱|块九|块五|多块")

    def _plan(self) -> str:
        return (
            self._pick("我要办|我现在是|换成|这个|我想办|")
            + self._random.choice(self._plans)
            + self._pick("|多少钱|套餐|怎么办理|一年多少钱")
        )

    def _name(self) -> str:
        surname = self._random.choice(_SURNAMES)
        given = self._random.choice(_GIVEN) + self._random.choice(_GIVEN)
        return self._pick("我叫|户主是|户主叫|我是|名字是") + surname + given

    def _digits_of(self) -> str:
        what = self._pick("身份证后四位|智能卡号是|卡号是|客户编号|户号是|机顶盒号|验证码是|工单号")
        return what + self._digits(self._random.choice((4, 6, 8)))

    def _duration(self) -> str:
        return (
            self._pick("断了|停了|等了|坏了|报修|已经|都")
            + self._pick("一|两|三|四|五|六|好几")
            + self._pick("天了|个小时了|个月了|个星期了")
        )

    def _channel(self) -> str:
        return (
            self._pick("第|中央|")
            + self._number(99)
            + self._pick("频道|台|套")
            + self._pick("没信号|看不了|没声音|有雪花|很卡")
        )

    def _service(self) -> str:
        want = self._pick("我要|我想|帮我|请帮我|能不能帮我|怎么|可以|麻烦帮我")
        what = self._pick(
            "报停|缴费|续费|移机|拆机|过户|报修|投诉|查余额|查欠费|装宽带|退订|换套餐|开发票|转人工|补卡|复机|销户|升级|停机保号|转网"
        )
        return want + what + self._pick("||吗|一下")

    def _who(self) -> str:
        return self._pick(
            "我|我家|我们家|我妈|我爸|我老婆|我老公|老人家|我儿子|我女儿|邻居|朋友|我们公司|我店里|房东|租客|我婆婆|爷爷|奶奶|孩子||||"
        )

    def _device(self) -> str:
        what = self._pick(
            "电视|电视机|机顶盒|盒子|遥控器|遥控|光猫|猫|路由器|宽带|网络|网|无线|信号|画面|图像|声音|智能卡|卡|回看|点播|频道|节目|语音遥控|电视信号|无线网|屏幕|手机|电脑|客厅的电视|卧室的电视"
        )
        fault = self._pick(
            "坏了|没反应|没信号|没有了|不亮|亮红灯|一闪一闪|看不了|看不到|打不开|开不了机|上不了网|连不上|断了|掉线|很慢|卡住了|卡得很|花屏|黑屏|蓝屏|有马赛克|没声音|声音小|听不到|有杂音|不灵|失灵|按不动|转圈|死机|重启|发烫|烫手|不通电|没电|显示无信号|显示错误|提示无效|提示未授权|密码忘了|进不去|用不了|不清楚|有雪花|不好使|不行了|出问题了"
        )
        when = self._pick(
            "||||早上|昨天|昨晚|刚才|突然|一直|老是|又|下雨以后|打雷以后|这两天|从昨天开始|每天晚上"
        )
        return (
            self._who()
            + when
            + what
            + fault
            + self._pick("||了|怎么办|怎么回事|能来修吗|派个师傅来")
        )

    def _formality(self) -> str:
        what = self._pick(
            "报停|停机保号|拆机|销户|过户|移机|复通|开户|报装|安装宽带|换套餐|升级宽带|补卡|换盒子|开发票|退费|退押金|改密码|绑定户号|代扣|实名登记|转网|解约|缴费"
        )
        ask = self._pick(
            "要带什么|要什么手续|要什么资料|多少钱|怎么收费|要多久|几天能好|在哪里办|去哪里办|怎么办理|可以代办吗|要本人去吗|要身份证吗|网上能办吗|有没有优惠|要不要交钱|要违约金吗|收手续费吗"
        )
        return self._pick("|请问|我想问一下|想了解一下|问下|那个|我妈要|老人要|我要") + what + ask

    def _wish(self) -> str:
        why = self._pick(
            "太贵了|没人看|不看了|搬家了|要出国|要出差|老人走了|房子卖了|房子租出去了|网速太慢|服务太差|老是坏|换了电信|换了移动|装了联通|移动便宜|电信送宽带|合同到期了|用不着|看手机就行|没时间看|回老家了|要装修||||"
        )
        want = self._pick(
            "我想停掉|我要停机|帮我报停|先停一段时间|给我停了|不要了|不用了|我要拆机|帮我销户|我要退掉|给我退网|注销掉|取消吧|先停几个月|停掉吧|不续了|我要转网|换别家|先暂停|保个号|断了吧"
        )
        what = self._pick("电视|宽带|有线电视|有线|网络|这个网|电视和宽带|这个电视|你们的网||||")
        return self._random.choice(
            (why + want + what, want + what + why, what + why + want, what + want)
        )

    def _bill(self) -> str:
        return self._pick(
            "查一下|帮我查|看看|我想知道|我想查|为什么|怎么|凭什么|麻烦查下"
        ) + self._pick(
            "余额|欠费|账单|话费|这个月扣了多少|还欠多少钱|多扣了钱|又扣钱|扣了两次|费用不对|涨价了|套餐什么时候到期|合同到几号|积分|上个月的账单|到账没有"
        )

    def _asks(self) -> str:
        return (
            self._pick("有没有|我想办|介绍一下|你们有|现在有|办个|想换个|推荐一个")
            + self._pick(
                "便宜的套餐|老人套餐|优惠活动|千兆宽带|带手机卡的套餐|年付优惠|学生套餐|企业宽带|只看电视的|不带宽带的|体育频道|四K频道|儿童模式|会员|摄像头|流量多的|最便宜的|适合老人的"
            )
            + self._pick("|吗|多少钱|怎么办|一个月多少|一年多少钱")
        )
