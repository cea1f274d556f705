"""Chinese by default, complete English beside it: Babel catalogues read at the start."""

from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import HTTPConnection

LANGUAGES = ("zh", "en")
COOKIE = "holdline_lang"
_FOLDER = Path(__file__).with_name("locale")


def N_(message: str) -> str:  # noqa: N802  the usual mark for extraction
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


@cache
def catalogue(language: str) -> dict[str, str]:
    """Read a catalogue as a mapping from message to translation."""
    with (_FOLDER / f"{language}.po").open("rb") as source:
        messages = read_po(source, locale=language)
    return {str(m.id): str(m.string) for m in messages if m.id and m.string}


class Translator:
    """``_`` of templates: an English message in, the page's language out."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._messages = catalogue(self.language)

    def __call__(self, message: str, **values: object) -> str:
        text = self._messages.get(message, message)
        return text.format(**values) if values else text


def language_of(connection: HTTPConnection) -> str:
    """The cookie's language, else Chinese."""
    chosen = connection.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]
