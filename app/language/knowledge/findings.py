"""What a check of content answers with, and the passages that it reads."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: ``rule`` names it, ``where`` the entry, kind or test, ``text`` the words.

    ``other``: what it contradicts; ``fatal``: it must be mended before publishing.
    """

    rule: str
    where: str
    text: str = ""
    other: str = ""
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that callers get to hear; ``where``: ``faq:ID``, ``offer:CODE``, ``script:KEY``, ...

    ``kept``: whether something is recorded when they are said, so that they may promise it.
    """

    where: str
    text: str
    kept: bool = True


@dataclass(frozen=True, slots=True)
class OfferTerms:
    """What an offer's script must say: ``months`` it lasts, ``disclosures`` that belong to it."""

    where: str
    script: str
    months: int
    disclosures: tuple[str, ...] = ()
