"""Numbers as they are spoken: digits one by one, and amounts of money."""

import re
from dataclasses import dataclass

import cn2an

_DIGITS = {
    "零": "0", "〇": "0", "洞": "0", "一": "1", "幺": "1", "妖": "1", "腰": "1", "二": "2",
    "两": "2", "三": "3", "四": "4", "五": "5", "六": "6", "七": "7", "拐": "7", "八": "8",
    "九": "9", "勾": "9",
}  # fmt: skip
_HOMOPHONES = {
    "吆": "1", "医": "1", "耳": "2", "而": "2", "儿": "2", "山": "3", "散": "3", "是": "4",
    "死": "4", "似": "4", "舞": "5", "无": "5", "午": "5", "吴": "5", "流": "6", "刘": "6",
    "留": "6", "其": "7", "起": "7", "期": "7", "气": "7", "吧": "8", "把": "8", "巴": "8",
    "发": "8", "久": "9", "酒": "9", "就": "9", "灵": "0", "林": "0", "领": "0", "临": "0",
}  # fmt: skip
_REPEATED = re.compile("([两三四])个([0-9零一幺二三四五六七八九])")
_SEPARATORS = re.compile(r"[\s\-,，。、]|嗯|啊|呃|哦|那个")
_DIGIT_RUN = 5

#: A number in figures or words, as a pattern without a group.
NUMBER = "(?:[0-9]+(?:[.点][0-9]+)?|[零〇一二两三四五六七八九十百千万]+)"
_AMOUNT = re.compile(
    f"(?P<whole>{NUMBER})(?P<more>多|来|几)?(?:块|元)(?:(?P<jiao>[0-9一二两三四五六七八九])"
    "(?P<unit>毛|角)?(?P<fen>[0-9一二两三四五六七八九](?![个年月天次]))?分?)?(?:钱)?"
    f"|(?P<only>{NUMBER})(?:毛|角)(?:钱)?"
)
_UNIT_AFTER = (
    "天个月年号点次回遍趟轮弄台兆mMgG分岁栋单元楼层室路线频道位口人户间套条米公里平寸件笔张度块元毛角折成多几来出十百千万"
    "0-9零一二两三四五六七八九把"
)
#: Money without its unit: 扣了我二十, 降到四十九, 每月一百零八.
_BARE_AMOUNT = re.compile(
    "(?:扣|收|欠|交|花|付|退|充|赔|罚|贵|掏|存|押金|退款|[费价]|报|才|要|涨到|降到|降成|改成|打折完是|一个月|每月|每个月|首年|一年|半年的?|移动|联通|电信)"
    "(?:了|我|你|们|他|都?是|就|不?是)*(?:差不多|大概)?"
    f"(?P<whole>{NUMBER})(?![{_UNIT_AFTER}])"
)
#: The same by what follows: 一百二十九太贵, 一百九十九的套餐, 八十九以内.
_BARE_BEFORE = re.compile(
    f"(?P<whole>{NUMBER})(?:太贵|贵了|划算|打折|打几折|能不能免|以内|以下|封顶|的?(?:那|这)一?(?:档|款|种|个(?:套餐|档))|的(?:融合)?套餐|的押金|退不退|送什么|送电视|全家桶)"
)

#: A sum that nothing announces: 怎么蹦出个一百三十八. Ages, channels, doors and years are none.
_LONELY = re.compile(
    "(?<![第年号楼栋幢室道满都快近上零一二三四五六七八九十百千万两0-9])(?<!今年)(?<!频道)"
    f"(?P<whole>[一二三四五六七八九两]?[十百千][零一二三四五六七八九十百]*|[一二三四五六七八九两]十[一二三四五六七八九]?)"
    f"(?![{_UNIT_AFTER}了好等]|多?岁|来岁|之|路|分之)"
)
_LEAST_LONELY = 20


_RUN = re.compile("[0-9]{2,}")


def strict_digits(raw: str) -> str:
    """Spoken digits as figures, separators dropped; 两个八 becomes 88."""
    times = {"两": 2, "三": 3, "四": 4}
    doubled = _REPEATED.sub(lambda m: m[2] * times[m[1]], raw)
    return _SEPARATORS.sub("", "".join(_DIGITS.get(c, c) for c in doubled))


def dictated(raw: str) -> str:
    """The figures of a number that is being dictated, perhaps a piece of it: runs of two or more,
    because a single one is rather a word (我家三口人)."""
    return "".join(_RUN.findall(strict_digits(raw)))


def loose_digits(raw: str) -> str:
    """Homophones too, but only inside a run that is mostly digits (是 alone is a word)."""
    text = list(strict_digits(raw))
    for at, character in enumerate(text):
        if character in _HOMOPHONES and _in_run(text, at):
            text[at] = _HOMOPHONES[character]
    return "".join(text)


def _in_run(text: list[str], at: int) -> bool:
    window = text[max(0, at - _DIGIT_RUN) : at + _DIGIT_RUN + 1]
    figures = sum(c.isdigit() for c in window)
    beside = (at > 0 and text[at - 1].isdigit()) or (at + 1 < len(text) and text[at + 1].isdigit())
    return beside and figures >= _DIGIT_RUN


#: Three figures in a row may be a part of somebody's number.
_FEWEST_OF_A_NUMBER = 3
_FIGURES = "".join({*_DIGITS, *"0123456789十百千万"})
_AMONG_FIGURES = "".join({*_FIGURES, *_HOMOPHONES, *"点嗯啊呃"})
_NUMBER_LIKE = re.compile(f"[{_FIGURES}](?:[{_AMONG_FIGURES}]*[{_FIGURES}])?")


def digit_spans(text: str) -> list[tuple[int, int]]:
    """Where numbers are dictated, homophones and hesitations among them included: runs of at least
    three figures that are mostly figures."""
    return [m.span() for m in _NUMBER_LIKE.finditer(text) if _is_number(m.group())]


def _is_number(run: str) -> bool:
    figures = sum(c in _FIGURES for c in run)
    return figures >= _FEWEST_OF_A_NUMBER and figures * 2 >= len(run)


def value(text: str) -> float | None:
    """The number that a span says (cn2an on the span only); None where it says none."""
    if text.isascii():
        return float(text.replace("点", "."))
    try:
        return float(cn2an.cn2an(text.replace("〇", "零"), "smart"))
    except (ValueError, KeyError):  # cn2an fails at 十十一 with either
        return None


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in fen at ``start``:``end`` of the text."""

    fen: int
    start: int
    end: int


def amounts(text: str) -> list[Amount]:
    """All sums of money: 三十九块九, 128元, 五毛, and 扣了我二十 where the verb says so."""
    found = [a for m in _AMOUNT.finditer(text) if (a := _amount(text, m)) is not None]
    bare = (*_BARE_AMOUNT.finditer(text), *_BARE_BEFORE.finditer(text))
    lonely = [m for m in _LONELY.finditer(text) if (value(m["whole"]) or 0) >= _LEAST_LONELY]
    for match in (*bare, *lonely):
        start, end = match.span("whole")
        number = value(match["whole"])
        taken = any(a.start < end and start < a.end for a in found)
        if number is not None and 5 <= number < 10_000 and not taken:
            found.append(Amount(round(number * 100), start, end))
    return sorted(found, key=lambda amount: amount.start)


def _amount(text: str, match: re.Match[str]) -> Amount | None:
    if match["only"]:
        number = value(match["only"])
        return None if number is None else Amount(round(number * 10), *match.span())
    number = value(match["whole"])
    if number is None or _together(text, match):
        return None
    jiao = value(match["jiao"]) if match["jiao"] else 0
    fen = value(match["fen"]) if match["fen"] else 0
    return Amount(round(number * 100 + (jiao or 0) * 10 + (fen or 0)), *match.span())


def _together(text: str, match: re.Match[str]) -> bool:
    """Whether 一块 means together (一块去, 一块儿) and is no money."""
    after = text[match.end() : match.end() + 1]
    plain = match["whole"] in ("一", "1") and not match["jiao"] and not match.group().endswith("钱")
    return plain and bool(after) and after not in "，。,.!！?？的吧吗呢"
