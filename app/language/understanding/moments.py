"""Dates and times as they are spoken: 明天下午三点, 下周三上午, 过两天, 十二月五号."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.language.understanding.numbers import NUMBER, value

_DAYS = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0, "今早": 0,
    "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "大后天": 3, "后天": 2, "听日": 1,
    "昨儿个": -1, "昨儿": -1, "今儿个": 0, "今儿": 0, "明儿个": 1, "明儿": 1, "后儿个": 2,
    "后儿": 2,
}  # fmt: skip
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5,
             **{str(n): n - 1 for n in range(1, 8)}}  # fmt: skip
_WEEK = re.compile(
    "(?P<which>上个?|这个?|本|下下个?|下个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末1-7])"
)
_AFTER = re.compile(
    f"(?:过|再过)(?P<n1>{NUMBER}|几)个?(?P<u1>天|周|星期|礼拜|月)|"
    f"(?P<n2>{NUMBER}|几)个?(?P<u2>天|周|星期|礼拜|月)(?:后|以后|之后)"
)
_DATE = re.compile(f"(?:(?P<month>{NUMBER}|这个?|本|下个?)月)(?:份)?(?P<day>{NUMBER})[号日]")
_DAY_ONLY = re.compile(
    f"(?<![栋楼路街巷道村里弄庄苑园城湾府坊院月0-9零一二三四五六七八九十百])(?P<day>{NUMBER})[号日](?![楼院码线机位房电])"
)
_MONTH = re.compile("(?P<which>这个?|本|下个?)月(?P<part>底|初|中)?|(?P<end>月底)")
_AROUND = "(?:以后|之后|过后|以前|之前|期间|那天|前后|[前后里起]|完了|过了)?"
#: 七月初, 十一月份, 八月初八, 腊月二十, 月初.
_OF_MONTH = re.compile(
    f"(?:(?:{NUMBER}|正|腊|冬)月(?:初[一二三四五六七八九十]|底|初|中|份|{NUMBER}(?![0-9零一二三四五六七八九十块元]))"
    f"|(?:正|腊|冬)月|大年(?:初[一二三四五六七八九十]|三十)|(?<!每)月[初中])" + _AROUND
)
#: 国庆以后, 过完年, 开学那天, 麦收完了, 这两天.
_NAMED = re.compile(
    "(?:等|到|过完|过了|放)*(?:国庆|元旦|春节|端午|中秋|元宵|清明|重阳|除夕|(?<![零一幺二三四五六七八九])五一(?![零一幺二三四五六七八九])|劳动节|寒假|暑假|开春|入冬|入夏"
    "|立[春夏秋冬]|霜降|冬至|夏至|秋收|麦收|收麦|年底|年前|年后|年初|过完年|过年|开学|放假|高考完|十一(?=以后|之后|过后|长假|放假|假期))"
    "(?:节|假|放?完?假|当天|长假|假期)?"
    + _AROUND
    + "|这[两几]天|过些(?:天|日子)|下班以?后|午饭后|晚饭后"
)
_MANY = f"(?:{NUMBER}|[几半])+"
#: 三个月, 半年, 一年半, 一个暑假: how long.
_DURATION = re.compile(
    f"(?<![第每上下这那去前初月周])(?P<much>{_MANY}多?来?(?:个(?:半|多)?(?:月|星期|礼拜|季度|学期|暑假|寒假|钟头|小时|假期)"
    "|[天年周]|小时|季度|学期|钟头)半?|俩月|仨月)(?!级|代|初|底|份|会员|[前后]|之[前后内]|以[前后内]|号|块|元)"
)
#: 半天 is "long", 三天两头 "often"; 一个月 alone is mostly a rate: 一个月三十, 三十块钱一个月.
_NO_TIME = re.compile("半天|三天两头|一天到晚|两天$")
_WANTED = re.compile(
    "[停保续办用签开约断歇通装关断住去走再先充交满掐撤够报]$|[停保续开用办签](?:个|他|它|上|我|号|机|了|满|到|一下)$"
)
_PARTS = {
    "凌晨": "night", "清早": "morning", "早上": "morning", "早晨": "morning", "上午": "morning",
    "今早": "morning", "明早": "morning", "中午": "noon", "下午": "afternoon", "傍晚": "evening",
    "一早": "morning", "晌午": "noon", "后晌": "afternoon", "晚半晌": "evening",
    "晚上": "evening", "夜里": "evening", "今晚": "evening", "明晚": "evening", "昨晚": "evening",
    "半夜": "night",
}  # fmt: skip
_PART = re.compile("|".join(_PARTS))
_TIME = re.compile(
    f"(?P<hour>{NUMBER})(?:点钟?|时|[:：](?=[0-9]))(?P<half>半)?(?P<quarter>[一三]刻)?"
    f"(?:(?P<minute>{NUMBER})分?)?(?![儿都也意要求建])"
)
_DAYS_PATTERN = re.compile("|".join(sorted(_DAYS, key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Moment:
    """``day`` ISO 8601, ``time`` HH:MM, ``part`` of the day; empty where not said or not certain.

    ``start``:``end`` is the whole expression in the text.
    """

    day: str = ""
    time: str = ""
    part: str = ""
    start: int = 0
    end: int = 0


def find_moment(text: str, now: datetime | None) -> Moment | None:
    """The first date or time of a text; ``now`` is the caller's wall clock (None: no dates)."""
    spans: list[tuple[int, int]] = []
    day = _find_day(text, now.date() if now is not None else None, spans)
    part_match = _PART.search(text)
    part = _PARTS[part_match.group()] if part_match else ""
    if part_match:
        spans.append(part_match.span())
    time = _find_time(text, part, spans)
    if not spans:
        return None
    start, end = min(s for s, _ in spans), max(e for _, e in spans)
    return Moment(day.isoformat() if day else "", time, part, start, end)


def find_duration(text: str) -> tuple[int, int] | None:
    """Where a text says how long something lasts or shall last; None where it does not."""
    for match in _DURATION.finditer(text):
        if _NO_TIME.match(text[match.start() :]):
            continue
        if match.group()[0] != "一" or _WANTED.search(text[: match.start()]):
            return match.span()
    return None


def _find_day(text: str, today: date | None, spans: list[tuple[int, int]]) -> date | None:
    """Looks for every form; the first that is there decides, resolved where today is known."""
    forms = (
        (_DAYS_PATTERN, _named), (_WEEK, _weekday), (_AFTER, _after), (_DATE, _dated),
        (_MONTH, _in_month), (_OF_MONTH, None), (_NAMED, None), (_DAY_ONLY, _day_only),
    )  # fmt: skip
    for pattern, resolve in forms:
        match = pattern.search(text)
        if match is not None:
            found = resolve(match, today or date.min.replace(year=2000)) if resolve else None
            if found is not None or pattern in _UNDATED:
                spans.append(match.span())
                return found if today is not None else None
    return None


#: What names a time may name no day.
_UNDATED = (_AFTER, _MONTH, _OF_MONTH, _NAMED)


def _named(match: re.Match[str], today: date) -> date | None:
    return today + timedelta(days=_DAYS[match.group()])


def _weekday(match: re.Match[str], today: date) -> date | None:
    wanted = _WEEKDAYS[match["day"]]
    which = (match["which"] or "").rstrip("个")
    if not which:
        return today + timedelta(days=(wanted - today.weekday()) % 7)
    weeks = {"上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}[which]
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(days=wanted, weeks=weeks)


def _after(match: re.Match[str], today: date) -> date | None:
    """The day this many days later; None for 过几天, which names no day."""
    number = value(match["n1"] or match["n2"]) if "几" not in match.group() else None
    if number is None:
        return None
    unit = match["u1"] or match["u2"]
    if unit == "月":
        return _shift_month(today, int(number), today.day)
    return today + timedelta(days=int(number * (1 if unit == "天" else 7)))


def _shift_month(today: date, months: int, day: int) -> date | None:
    month = today.year * 12 + today.month - 1 + months
    try:
        return date(month // 12, month % 12 + 1, day)
    except ValueError:
        return None


def _dated(match: re.Match[str], today: date) -> date | None:
    day = value(match["day"])
    month = match["month"]
    if day is None:
        return None
    if month[0] in "这本下":
        return _shift_month(today, 1 if month[0] == "下" else 0, int(day))
    number = value(month)
    try:
        found = date(today.year, int(number or 0), int(day))
    except ValueError:
        return None
    # In December 一月五号 is next year's; a date just gone by is meant as said.
    return found.replace(year=found.year + 1) if (today - found).days > 180 else found


def _day_only(match: re.Match[str], today: date) -> date | None:
    day = value(match["day"])
    if day is None or not 1 <= day <= 31:
        return None
    return _shift_month(today, 0 if day >= today.day else 1, int(day))


def _in_month(match: re.Match[str], today: date) -> date | None:
    if match["part"] != "底" and not match["end"]:
        return None
    months = 2 if (match["which"] or "").startswith("下") else 1
    first = _shift_month(today, months, 1)
    return first - timedelta(days=1) if first else None


def _find_time(text: str, part: str, spans: list[tuple[int, int]]) -> str:
    for match in _TIME.finditer(text):
        hour = value(match["hour"])
        if hour is None or hour > 24 or hour != int(hour) or not _is_time(match, spans):
            continue
        minute = 30 if match["half"] else {"一": 15, "三": 45}.get((match["quarter"] or "")[:1], 0)
        if match["minute"] and not minute:
            minute = int(value(match["minute"]) or 0)
        if minute > 59:
            continue
        spans.append(match.span())
        return f"{_hour(int(hour), part) % 24:02d}:{minute:02d}"
    return ""


def _is_time(match: re.Match[str], spans: list[tuple[int, int]]) -> bool:
    """便宜一点, 三点五兆 are no times: 一点 needs a part of the day, or 钟, 半, 分."""
    before = any(end == match.start() for _, end in spans)
    words = match.group()
    said = match["half"] or match["quarter"] or any(sign in words for sign in "钟:分")
    if match["hour"] in ("一", "1"):
        return before or bool(said)
    return before or bool(said) or not match["minute"]


def _hour(hour: int, part: str) -> int:
    """三点 alone is meant in working hours: the afternoon."""
    if part in ("afternoon", "evening") and hour < 12:
        return hour + 12
    if part == "noon" and hour < 3:
        return hour + 12
    if not part and 1 <= hour <= 7:
        return hour + 12
    return hour
