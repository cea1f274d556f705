"""Text to Kokoro's symbols: Latin letters by their names, long texts in pieces."""

import re
from collections.abc import Callable, Iterator

Phones = Callable[[str], str]

#: How the names of the letters sound, in the model's English symbols.
_LETTERS = {
    "A": "ˈA", "B": "bˈi", "C": "sˈi", "D": "dˈi", "E": "ˈi", "F": "ˈɛf", "G": "ʤˈi", "H": "ˈAʧ",
    "I": "ˈI", "J": "ʤˈA", "K": "kʰˈA", "L": "ˈɛl", "M": "ˈɛm", "N": "ˈɛn", "O": "ˈO", "P": "pʰˈi",
    "Q": "kjˈu", "R": "ˈɑɹ", "S": "ˈɛs", "T": "tʰˈi", "U": "jˈu", "V": "vˈi", "W": "dˈʌbᵊljˌu",
    "X": "ˈɛks", "Y": "wˈI", "Z": "zˈi",
}  # fmt: skip
_RUN = re.compile(r"[A-Za-z]+|[^A-Za-z]+")
_CLAUSE = re.compile(r"[^。！？；，、：.!?;,:\n]*[。！？；，、：.!?;,:\n]*")
_SYMBOLS_A_CHARACTER = 8


def phones_of(text: str, chinese: Phones) -> str:
    """Symbols of a text; ``chinese`` reads all that is not a Latin letter."""
    return " ".join(_read(run, chinese) for run in _RUN.findall(text) if run.strip())


def _read(run: str, chinese: Phones) -> str:
    if run[0].isascii() and run[0].isalpha():
        return " ".join(_LETTERS[letter] for letter in run.upper())
    return chinese(run)


def chunks(text: str, phones: Phones, most: int) -> list[str]:
    """The symbols of a text in pieces of at most ``most``, cut at punctuation; a clause that is
    too long by itself is cut where it is full."""
    found: list[str] = []
    current = ""
    for clause in _clauses(text, most):
        longer = phones(current + clause)
        if current and len(longer) > most:
            found.append(phones(current)[:most])
            current = clause
        else:
            current += clause
    return [*found, phones(current)[:most]] if current.strip() else found


def _clauses(text: str, most: int) -> Iterator[str]:
    widest = max(1, most // _SYMBOLS_A_CHARACTER)
    for clause in _CLAUSE.findall(text):
        for at in range(0, len(clause), widest):
            yield clause[at : at + widest]
