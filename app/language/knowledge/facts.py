"""Facts of the service that many texts name: the same one must have one figure everywhere."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from app.language.knowledge.findings import Finding, Passage

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = re.compile("[零一二两三四五六七八九十百千]+")
#: What is written in several ways, brought to one; in this order.
_SAME: tuple[tuple[str, str], ...] = (
    (r"100分之(\d+)", r"\1%"), (r"1000分之(\d+)", r"0.\1%"), (r"半年", "6月"),
    (r"(?:上午|早上)?(\d+)点半", r"\1:30"), (r"(?:上午|早上)(\d+)点", r"\1:00"),
    (r"个月", "月"), (r"个工作日", "工作日"), (r"每月|一个月", "/月"), (r"\s", ""),
)  # fmt: skip
_AFTERNOON = re.compile(r"下午(\d+)(:\d\d|点)")
_YEARS = re.compile(r"(\d+)年")
_MINUTES = re.compile(r"断电(\d+)分钟")

#: By name: where a figure of the fact stands in a text of one form; the groups are its value.
FACTS: Mapping[str, tuple[str, ...]] = {
    "保号费": (r"保号费(?:/月)?(\d+)元", r"(?:停机保号|报停)，?/月(\d+)元"),
    "保号最长": (r"(?:保号|报停)[^。]{0,40}?最长(\d+)月",),
    "回装卡抵扣": (r"回装卡[^。；]{0,24}?抵扣?(\d+)元", r"回来[^。；]{0,8}?抵扣?(\d+)元"),
    "回装卡有效": (r"回装卡[^。；]{0,12}?(\d+)月内", r"(\d+)月内(?:凭回装卡|回来)"),
    "违约金比例": (r"^[^租]*?剩余月(?:数|费)[^。；租]{0,8}?(\d+)%",),
    "租房违约金比例": (r"租房[^。]{0,60}?(\d+)%",),
    "退款时限": (
        r"(?:余额|押金|预存)[^。；]{0,12}?(\d+)工作日内?[^。；，]{0,4}?(?:退|到账|原)",
        r"(\d+)工作日内?(?:原路|原渠道)",
    ),
    "断电时间": (r"断电(\d+秒)",),
    "授权生效": (r"(?:授权|下发)[^。；]{0,12}?(\d+)分钟",),
    "配对按键": (r"按住((?:主页|设置)键?[和+](?:菜单|开关)键?\d+秒)",),
    "安装费": (r"(?:安装|初装)费(\d+)元",),
    "移机费": (r"移机费?(\d+)元", r"(\d+)元移机费"),
    "装移机时限": (r"(\d+(?:工作日|天))内(?:师傅|装维)?上门",),
    "室内移位费": (r"(?:室内移位|移位置?)收?(\d+)元",),
    "换卡费": (r"换卡[(（]?(\d+)元",),
    "设备押金": (r"押金各?(\d+)元", r"各(\d+)元押金"),
    "滞纳金": (r"滞纳金[^。；]{0,4}?([\d.]+%)", r"(0\.\d+%)[^。；]{0,3}滞纳金"),
    "副机月费": (r"第2台(?:/月)?(?:加收)?(\d+)元", r"副机(\d+)元"),
    "营业时间": (r"(?:每[日天]|日常)(\d+:\d\d[-到]\d+:\d\d)",),
    "节假日营业时间": (r"(?:节假日|法定假)(\d+:\d\d[-到]\d+:\d\d)",),
    "普通投诉回复": (r"(\d+)小时内(?:专人|班长)",),
}  # fmt: skip
_PATTERNS = {name: [re.compile(p) for p in patterns] for name, patterns in FACTS.items()}
#: A plan by its name: its price a month, and how long its contract binds.
_PLAN = re.compile(
    r"(?<!\d)(?P<plan>电视基础包|长者套餐|租房\d*兆|\d+兆融合|1000兆尊享)"
    r"(?:/月)?[，,]?(?P<price>\d+)元(?:/月)?(?:[^。；]{0,20}?(?:合约(?P<a>\d+)月|(?P<b>\d+)月合约))?"
)  # fmt: skip


def one_form(text: str) -> str:
    """A text with its figures written in one way: Arabic, in months, by the 24-hour clock."""
    text = _NUMERAL.sub(lambda found: _number(found[0]), text)
    text = _AFTERNOON.sub(lambda found: f"{int(found[1]) + 12}{found[2]}", text)
    for pattern, same in _SAME:
        text = re.sub(pattern, same, text)
    text = _YEARS.sub(lambda found: f"{int(found[1]) * 12}月", text)
    return _MINUTES.sub(lambda found: f"断电{int(found[1]) * 60}秒", text)


def _number(numeral: str) -> str:
    """A Chinese numeral in digits: 三百 is 300, 十 is 10; one read digit by digit keeps them."""
    if not any(c in _UNITS for c in numeral):
        return "".join(str(_DIGITS[c]) for c in numeral)
    total, digit = 0, None
    for c in numeral:
        if c in _DIGITS:
            digit = _DIGITS[c]
        else:
            total += (1 if digit is None else digit) * _UNITS[c]
            digit = None
    return str(total + (digit or 0))


def figures(text: str) -> Iterator[tuple[str, str]]:
    """(fact, its figure) of all that a text names."""
    same = one_form(text)
    for name, patterns in _PATTERNS.items():
        for pattern in patterns:
            yield from ((name, _plain(found[1])) for found in pattern.finditer(same))
    for found in _PLAN.finditer(same):
        yield f"{found['plan']}月费", found["price"]
        if months := found["a"] or found["b"]:
            yield f"{found['plan']}合约", months


def _plain(value: str) -> str:
    return value.replace("到", "-").replace("键", "").replace("+", "和")


def contradictions(passages: Iterable[Passage]) -> Iterator[Finding]:
    """Passages that give a fact another figure than most do, each with one that gives theirs."""
    named: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for passage in passages:
        for fact, value in figures(passage.text):
            if passage.where not in named[fact][value]:
                named[fact][value].append(passage.where)
    for fact, values in named.items():
        first, *others = sorted(values, key=lambda value: -len(values[value]))
        for value in others:
            for where in values[value]:
                yield Finding("contradiction", where, f"{fact} {value}",
                              f"{values[first][0]}: {first}")  # fmt: skip
