"""Telephone numbers: one national form, and nothing but digits behind one leading +.

A caller writes what he likes into From. Whatever asks a system by a number, looks a customer up
or dials one takes a ``PhoneNumber``, and there is no way to make one of anything else.
National forms after the Chinese numbering plan (area codes of two or three digits behind a 0,
mobile numbers of eleven digits from 13 to 19); others in the form of E.164.
"""

import re
from dataclasses import dataclass

_SHORTEST, _LONGEST = 3, 15
_DIGITS = re.compile(r"\+?[0-9]{3,15}")
#: Full-width digits and signs, dashes of all lengths and odd blanks, as spreadsheets and people
#: write them; invisible marks of writing direction and joining go.
_AS_ASCII = str.maketrans(
    dict(zip("０１２３４５６７８９＋（）；", "0123456789+();", strict=True))
    | dict.fromkeys("‐‑‒–—―−－﹣", "-")
    | dict.fromkeys("\u00a0\u2002\u2003\u2009\u3000\t", " ")
    | dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
                    "\u2060\u2066\u2067\u2068\u2069\ufeff"),
)  # fmt: skip
#: Digits in groups, as RFC 3966 section 5.1.1 allows: one - . or pair of brackets between them.
_WRITTEN = re.compile(r"\+?[0-9(][0-9 ().-]*")
#: RFC 3966 section 3: parameters behind the number, such as ``;cpc=ordinary``.
_PARAMETERS = re.compile(r";[A-Za-z0-9-]+(=[A-Za-z0-9+*._%\[\]/:&$-]*)?")
_MOBILE = re.compile("1[3-9][0-9]{9}")
#: Reached as they are from everywhere: 110, 10086, 12345, 95598, 96396, 400 and 800 numbers.
_SERVICE = re.compile("1[0-9]{2,4}|9[56][0-9]{3,6}|[48]00[0-9]{7}")
_GEOGRAPHIC = re.compile("(10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{6,7}")
_LOCAL = re.compile("[2-8][0-9]{6,7}")
_COUNTRY = "86"


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """``number`` in the normal form. Raises ValueError for anything that is none."""

    number: str

    def __post_init__(self) -> None:
        if not _DIGITS.fullmatch(self.number):
            raise ValueError("expected 3 to 15 digits, at most with a + before")

    def __str__(self) -> str:
        return self.number

    def spellings(self, area_code: str = "") -> tuple[str, ...]:
        """All forms under which the number may have been kept before there was a normal form."""
        bare = self.number.removeprefix("0")
        if self.number.startswith("+"):
            return (self.number, f"00{self.number[1:]}")
        found = [self.number]
        if _MOBILE.fullmatch(self.number):
            found.append(f"0{self.number}")
        if _MOBILE.fullmatch(bare) or _GEOGRAPHIC.fullmatch(bare):
            found += [f"+86{bare}", f"86{bare}", f"0086{bare}"]
        if area_code and self.number.startswith(area_code):
            found.append(self.number.removeprefix(area_code))
        return tuple(found)


def parse_phone(text: str, area_code: str = "") -> PhoneNumber | None:
    """The number that a text is, as a whole: None for anything else.

    ``area_code`` (with its 0) completes the numbers of one's own town.
    """
    plain = text.translate(_AS_ASCII).strip(" ").removeprefix("'")
    plain = plain[4:] if plain[:4].lower() == "tel:" else plain
    plain, _, rest = plain.partition(";")
    if rest and not all(_PARAMETERS.fullmatch(f";{part}") for part in rest.split(";")):
        return None
    plain = plain.strip(" ")
    if not _WRITTEN.fullmatch(plain):
        return None
    digits = re.sub("[ ().-]", "", plain)
    if not _SHORTEST <= len(digits.lstrip("+")) <= _LONGEST + len("0086"):
        return None
    normal = _normal(digits, area_code)
    return PhoneNumber(normal) if _DIGITS.fullmatch(normal) else None


def _normal(digits: str, area_code: str) -> str:
    abroad = "+" + digits[2:] if digits.startswith("00") else digits
    if abroad.startswith("+" + _COUNTRY):
        return _national(abroad.removeprefix("+" + _COUNTRY))
    if abroad.startswith("+"):
        return abroad
    home = digits.removeprefix(_COUNTRY)
    if home != digits and (_MOBILE.fullmatch(home) or _is_long_distance(home)):
        return _national(home)
    if digits.startswith("0") and _MOBILE.fullmatch(digits[1:]):
        # how a trunk hands on a mobile number of another place
        return digits[1:]
    return area_code + digits if _LOCAL.fullmatch(digits) else digits


def _is_long_distance(digits: str) -> bool:
    """Area code and number, ten digits at least: shorter ones are local."""
    return len(digits) >= 10 and bool(_GEOGRAPHIC.fullmatch(digits))


def _national(digits: str) -> str:
    """What stands behind the country code."""
    stays = digits.startswith("0") or _MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits)
    return digits if stays else f"0{digits}"


def kept_number(text: str, area_code: str = "", longest: int = 64) -> str:
    """A caller's number as it is kept: the normal form, else what was sent, made harmless (no
    control characters, at most ``longest`` characters)."""
    found = parse_phone(text, area_code)
    return str(found) if found is not None else plain_text(text, longest)


def plain_text(text: str, longest: int) -> str:
    """What a peer sent, as a database can keep it: at most ``longest`` characters, and what cannot
    be printed is a question mark, so that nothing becomes a number by what is left out."""
    return "".join(c if c.isprintable() else "?" for c in text[:longest])
