"""Telephone numbers: one national form; what is none is never one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.calls.phone_number import PhoneNumber, kept_number, parse_phone

MOBILE, TOWN = "13800138000", "053188886666"


@pytest.mark.parametrize(("written", "normal"), [
    (MOBILE, MOBILE), ("+8613800138000", MOBILE), ("8613800138000", MOBILE),
    ("008613800138000", MOBILE), ("013800138000", MOBILE), ("13800138000;cpc=ordinary", MOBILE),
    ("tel:+8613800138000", MOBILE), ("TEL:13800138000;phone-context=+86;cpc=x", MOBILE),
    ("138 0013 8000", MOBILE), ("138-0013-8000", MOBILE), ("+86 138 0013 8000", MOBILE),
    ("１３８００１３８０００", MOBILE), ("＋８６13800138000", MOBILE), ("138\u30000013\u00a08000", MOBILE),
    ("\u202d13800138000\u202c", MOBILE), ("'13800138000", MOBILE), ("\ufeff13800138000", MOBILE),
    ("88886666", TOWN), (TOWN, TOWN), ("+8653188886666", TOWN), ("8653188886666", TOWN),
    ("0531 88886666", TOWN), ("(0531)88886666", TOWN), ("0531－88886666", TOWN),
    ("（0531）88886666", TOWN), ("+86 (0531) 8888-6666", TOWN), ("0086 531 88886666", TOWN),
    ("+861088886666", "01088886666"), ("01088886666", "01088886666"),
    ("+8696396", "96396"), ("96396", "96396"), ("+8610086", "10086"), ("110", "110"),
    ("+864001234567", "4001234567"), ("1001", "1001"), ("+4915112345678", "+4915112345678"),
    ("004915112345678", "+4915112345678"), ("86123456", "053186123456"),
])  # fmt: skip
def test_one_normal_form(written: str, normal: str) -> None:
    assert str(parse_phone(written, "0531")) == normal
    assert str(parse_phone(normal, "0531")) == normal


@pytest.mark.parametrize("text", [
    "../../admin/delete", "..%2F..%2Fadmin", "1?x=1&y=2", "1#f", "13800138000?x=1", "13800138000#f",
    "13800138000/../admin", "13800138000%2F", "13800138000;/../admin;", "13800138000;a=b c",
    "13800138000@host", "sip:13800138000", "١٣٨٠٠١٣٨٠٠٠", "138001380०0", "²²²²²", "13800138000\x00",
    "13800138000\n", "13800138000\r\nX-Y: z", "", " ", "+", "++8613800138000", "13+800138000",
    "1.38E+10", "1.38e10", "anonymous", "12", "1" * 16, "9" * 100_000, "+" + "1" * 16, "0" * 19,
    "13800138000 转801", "13800138000或13900000000", "-----", "()()", "( )1", "１３８\u0660",
])  # fmt: skip
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_phone(text, "0531") is None
    with pytest.raises(ValueError, match="digits"):
        PhoneNumber(text)


@given(st.text())
def test_nothing_else_than_digits_comes_out(text: str) -> None:
    found = parse_phone(text)
    if found is not None:
        assert found.number.removeprefix("+").isascii()
        assert found.number.removeprefix("+").isdigit() and len(found.number) <= 16
        assert parse_phone(found.number) == found


@given(st.text(alphabet="+0123456789-() .;=", max_size=30))
def test_the_normal_form_is_stable(text: str) -> None:
    found = parse_phone(text, "010")
    assert found is None or parse_phone(found.number, "010") == found


def test_older_forms_are_found_too() -> None:
    old = {"13800138000", "+8613800138000", "8613800138000", "008613800138000", "013800138000"}
    assert set(PhoneNumber(MOBILE).spellings()) == old
    assert {"88886666", "+8653188886666", TOWN} <= set(PhoneNumber(TOWN).spellings("0531"))
    assert "88886666" not in PhoneNumber(TOWN).spellings("010")


def test_what_a_peer_sent_is_kept_harmless() -> None:
    assert kept_number("+8613800138000") == MOBILE
    assert kept_number("a\x00lice\n" + "x" * 100) == "a?lice?" + "x" * 57
