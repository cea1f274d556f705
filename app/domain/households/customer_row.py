"""One line of a customer list: what it must hold, and what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from unicodedata import category

from app.domain.calls.phone_number import parse_phone

#: Our fields and the headings by which operators know them.
HEADINGS: dict[str, tuple[str, ...]] = {
    "account_no": ("客户编号", "户号", "客户号", "账号", "account", "account_no"),
    "name": ("户名", "姓名", "客户名称", "客户姓名", "name"),
    "phones": ("电话", "联系电话", "手机", "手机号", "联系方式", "phone", "phones"),
    "address": ("地址", "装机地址", "详细地址", "address"),
    "estate": ("小区", "楼盘", "estate"),
    "grid": ("网格", "片区", "grid"),
    "plan": ("套餐", "产品", "资费", "plan"),
    "since": ("开户日期", "入网日期", "开通日期", "since"),
    "expires_on": ("到期日期", "有效期", "到期", "expires"),
    "box_model": ("机顶盒", "机顶盒型号", "box"),
    "smart_card": ("智能卡", "智能卡号", "卡号", "card"),
    "id_last4": ("身份证后四位", "证件后四位", "id_last4"),
    "status": ("状态", "status"),
    "arrears": ("欠费", "欠费金额", "arrears"),
    "points": ("积分", "points"),
    "notes": ("备注", "notes"),
}
NEEDED = ("account_no", "name", "phones", "address", "grid", "plan", "since", "expires_on")
STATUSES = {
    "": "active", "在用": "active", "正常": "active", "报停": "suspended", "停机": "suspended",
    "拆机": "cancelled", "销户": "cancelled", "active": "active", "suspended": "suspended",
    "cancelled": "cancelled",
}  # fmt: skip
_DATE = re.compile(
    r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?(?:[T\s].*)?"
)
_PACKED_DATE = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})")
#: How spreadsheets keep a day: the number of days since this one (1954 to 2119 here).
_SERIAL_DATE, _SERIAL_BEGIN = re.compile("[2-7][0-9]{4}"), date(1899, 12, 30)
_YEARS = range(1900, 2200)
_MONEY = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,4})?")
#: Marks of writing direction and joining that come with numbers copied from elsewhere.
_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
                            *range(0x2060, 0x206A), 0xFEFF])  # fmt: skip
_WIDE_DIGITS = str.maketrans("０１２３４５６７８９．－／", "0123456789.-/")
_BLANKS = "\t\r\n"
_MANY = re.compile("[;；,，、/|\n]+|或")
#: Shorter ones are no numbers of households; what begins like a mobile number has eleven digits.
_SHORTEST_PHONE = 5
_NO_MOBILE = re.compile("1[3-9][0-9]{4,8}|1[3-9][0-9]{10,}")
#: The longest text of every column, in characters.
LONGEST: dict[str, int] = {
    "account_no": 32, "name": 64, "phones": 400, "address": 200, "estate": 64, "grid": 64,
    "plan": 64, "since": 40, "expires_on": 40, "box_model": 64, "smart_card": 32, "id_last4": 4,
    "status": 16, "arrears": 20, "points": 9, "notes": 1000,
}  # fmt: skip


class RowError(ValueError):
    """What is wrong with a cell; the text says what was expected."""


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line that can be stored; money in fen, ``plan`` and ``grid`` as written."""

    account_no: str
    name: str
    phones: tuple[str, ...]
    address: str
    grid: str
    plan: str
    since: date
    expires_on: date
    estate: str = ""
    box_model: str = ""
    smart_card: str = ""
    id_last4: str = ""
    status: str = "active"
    arrears_fen: int = 0
    points: int = 0
    notes: str = ""


@dataclass(slots=True)
class Checked:
    """A line's faults by field, or its row."""

    row: CustomerRow | None = None
    faults: list[tuple[str, str]] = field(default_factory=list)


def columns_of(headings: list[str], chosen: Mapping[str, str]) -> dict[str, int]:
    """Where each field is: by ``chosen`` (field to heading), else by the usual headings.

    Raises RowError naming what is missing and what there is.
    """
    plain = [heading.translate(_INVISIBLE).strip().lower() for heading in headings]
    at = {heading: n for n, heading in enumerate(plain)}
    found: dict[str, int] = {}
    for name, usual in HEADINGS.items():
        wanted = (chosen[name],) if name in chosen else usual
        match = next((at[w.lower()] for w in wanted if w.lower() in at), None)
        if match is not None:
            if plain.count(plain[match]) > 1:
                raise RowError(f"there are two columns {headings[match].strip()!r}: keep one")
            found[name] = match
        elif name in chosen:
            raise RowError(f"there is no column {chosen[name]!r}; there are {', '.join(headings)}")
    missing = [name for name in NEEDED if name not in found]
    if missing:
        usual_names = ", ".join(f"{name} ({HEADINGS[name][0]})" for name in missing)
        raise RowError(
            f"no column for {usual_names}; there are {', '.join(headings)}: name them with"
            " --map FIELD=HEADING"
        )
    return found


def check_row(cells: Mapping[str, str], area_code: str = "") -> Checked:
    """Check the cells of one line, given by field, and return its faults or its row.

    Local numbers are completed with the area code.
    """
    checked = Checked()

    def take(name: str, read: Callable[[str], object]) -> object:
        column = _READ_FROM.get(name, name)
        try:
            return read(_cell(column, cells.get(column, "")))
        except RowError as fault:
            checked.faults.append((column, str(fault)))
            return None

    values = {name: take(name, read) for name, read in _READERS.items()}
    values["phones"] = take("phones", lambda text: _phones(text, area_code))
    if not checked.faults:
        checked.row = CustomerRow(**values)  # type: ignore[arg-type]
    return checked


def _cell(column: str, text: str) -> str:
    """A cell's text as any column may have it. Raises RowError."""
    plain = text.translate(_INVISIBLE).strip()
    if len(plain) > LONGEST[column]:
        raise RowError(f"expected at most {LONGEST[column]} characters, got {len(plain)}")
    odd = next((c for c in plain if category(c) in ("Cc", "Cs") and c not in _BLANKS), "")
    if odd:
        raise RowError(f"expected text, got the character U+{ord(odd):04X}")
    return plain


def _needed(text: str) -> str:
    if not text:
        raise RowError("expected a value, got none")
    return text


def _optional(text: str) -> str:
    return text


def _phones(text: str, area_code: str) -> tuple[str, ...]:
    """National forms of the numbers of a cell. Blanks part numbers where each part is one."""
    parts = [part.strip() for part in _MANY.split(text) if part.strip()]
    found: list[str] = []
    for part in parts:
        whole = _phone(part, area_code)
        numbers = [whole] if whole else [_phone(one, area_code) for one in part.split()]
        if not numbers or not all(numbers):
            raise RowError(_no_phone(part))
        found += filter(None, numbers)
    if not found:
        raise RowError("expected telephone numbers, got none")
    return tuple(dict.fromkeys(found))


def _phone(text: str, area_code: str) -> str:
    number = parse_phone(text, area_code)
    if number is None or len(number.number) < _SHORTEST_PHONE:
        return ""
    return "" if _NO_MOBILE.fullmatch(number.number) else number.number


def _no_phone(text: str) -> str:
    if re.fullmatch(r"[0-9.]+[Ee]\+?[0-9]+", text):
        return f"expected telephone numbers, got {text!r}: format the column as text"
    return f"expected telephone numbers, got {text!r}"


def _date(text: str) -> date:
    plain = text.translate(_WIDE_DIGITS)
    if _SERIAL_DATE.fullmatch(plain):
        return _SERIAL_BEGIN + timedelta(days=int(plain))
    match = _DATE.fullmatch(plain) or _PACKED_DATE.fullmatch(plain)
    if match is None or int(match[1]) not in _YEARS:
        return _no_date(text)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        return _no_date(text)


def _no_date(text: str) -> date:
    raise RowError(f"expected a date such as 2026-05-31, got {text!r}")


def _money(text: str) -> int:
    plain = text.translate(_WIDE_DIGITS).lstrip("¥￥").removesuffix("元").replace(",", "").strip()
    if plain and not _MONEY.fullmatch(plain):
        raise RowError(f"expected a sum in yuan of at most seven digits, got {text!r}")
    fen = int(Decimal(plain or "0") * 100)
    if fen < 0:
        raise RowError(f"expected a sum that is not negative, got {text!r}")
    return fen


def _count(text: str) -> int:
    plain = text.translate(_WIDE_DIGITS)
    if plain and not re.fullmatch("[0-9]{1,9}", plain):
        raise RowError(f"expected a whole number, got {text!r}")
    return int(plain or 0)


def _status(text: str) -> str:
    if text.lower() not in STATUSES:
        raise RowError(f"expected 在用, 报停 or 拆机, got {text!r}")
    return STATUSES[text.lower()]


def _last4(text: str) -> str:
    if text and not re.fullmatch("[0-9]{3}[0-9Xx]", text):
        raise RowError(f"expected four characters, got {len(text)}")
    return text.upper()


_READERS: dict[str, Callable[[str], object]] = {
    "account_no": _needed, "name": _needed,
    "address": _needed, "grid": _needed, "plan": _needed,
    "since": _date, "expires_on": _date, "estate": _optional,
    "box_model": _optional, "smart_card": _optional, "id_last4": _last4,
    "status": _status, "arrears_fen": _money, "points": _count, "notes": _optional,
}  # fmt: skip
#: The field of a list that a value of a row is read from, where the names differ.
_READ_FROM = {"arrears_fen": "arrears"}
