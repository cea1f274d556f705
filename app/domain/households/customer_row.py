"""One line of a customer list: what it must hold, and what is wrong with it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

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
_DATE = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{0,2}(\d{1,2})\D?(?:\s.*)?")
_PHONE = re.compile(r"\+?\d[\d-]{4,18}")
_MANY = re.compile("[;；,，、/\\s]+")
_LONGEST = {
    "name": 64, "account_no": 32, "address": 200, "estate": 64, "box_model": 64, "smart_card": 32,
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
    at = {heading.strip().lower(): n for n, heading in enumerate(headings)}
    found: dict[str, int] = {}
    for name, usual in HEADINGS.items():
        wanted = (chosen[name],) if name in chosen else usual
        match = next((at[w.lower()] for w in wanted if w.lower() in at), None)
        if match is not None:
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


def check_row(cells: Mapping[str, str]) -> Checked:
    """Check the cells of one line, given by field, and return its faults or its row."""
    checked = Checked()

    def take(name: str, read: Callable[[str], object]) -> object:
        column = _READ_FROM.get(name, name)
        try:
            return read(cells.get(column, "").strip())
        except RowError as fault:
            checked.faults.append((column, str(fault)))
            return None

    values = {name: take(name, read) for name, read in _READERS.items()}
    if not checked.faults:
        checked.row = CustomerRow(**values)  # type: ignore[arg-type]
    return checked


def _needed(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not text:
            raise RowError("expected a value, got none")
        return _short(name)(text)

    return read


def _short(name: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > _LONGEST.get(name, 1000):
            raise RowError(f"expected at most {_LONGEST[name]} characters, got {len(text)}")
        return text

    return read


def _phones(text: str) -> tuple[str, ...]:
    numbers = [part for part in _MANY.split(text) if part]
    wrong = [number for number in numbers if not _PHONE.fullmatch(number)]
    if not numbers or wrong:
        raise RowError(f"expected telephone numbers, got {(wrong or [text])[0]!r}")
    return tuple(dict.fromkeys(number.replace("-", "") for number in numbers))


def _date(text: str) -> date:
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else _no_date(text)
    except ValueError:
        return _no_date(text)


def _no_date(text: str) -> date:
    raise RowError(f"expected a date such as 2026-05-31, got {text!r}")


def _money(text: str) -> int:
    try:
        fen = int(Decimal(text.lstrip("¥￥").replace(",", "") or "0") * 100)
    except InvalidOperation:
        raise RowError(f"expected a sum in yuan, got {text!r}") from None
    if fen < 0:
        raise RowError(f"expected a sum that is not negative, got {text!r}")
    return fen


def _count(text: str) -> int:
    if text and not text.isdecimal():
        raise RowError(f"expected a whole number, got {text!r}")
    return int(text or 0)


def _status(text: str) -> str:
    if text.lower() not in STATUSES:
        raise RowError(f"expected 在用, 报停 or 拆机, got {text!r}")
    return STATUSES[text.lower()]


def _last4(text: str) -> str:
    if text and not re.fullmatch("[0-9]{3}[0-9Xx]", text):
        raise RowError(f"expected four characters, got {len(text)}")
    return text.upper()


_READERS: dict[str, Callable[[str], object]] = {
    "account_no": _needed("account_no"), "name": _needed("name"), "phones": _phones,
    "address": _needed("address"), "grid": _needed("grid"), "plan": _needed("plan"),
    "since": _date, "expires_on": _date, "estate": _short("estate"),
    "box_model": _short("box_model"), "smart_card": _short("smart_card"), "id_last4": _last4,
    "status": _status, "arrears_fen": _money, "points": _count, "notes": _short("notes"),
}  # fmt: skip
#: The field of a list that a value of a row is read from, where the names differ.
_READ_FROM = {"arrears_fen": "arrears"}
