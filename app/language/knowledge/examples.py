"""The sentences that come with the installation: what callers say, with what they want.

They are learned from beside the phrases of the knowledge base, which a supervisor edits and which
go before them; nobody has to look at 20,000 of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.language.knowledge.content import ContentError
from app.language.knowledge.files import rows_of
from app.language.understanding.intents import Example

EXAMPLES, REASONS = "examples.csv", "reasons.csv"
COLUMNS = ("text", "family", "kind", "faq")
REASON_COLUMNS = ("text", "reason")


@dataclass(frozen=True, slots=True)
class Taught:
    """What an engine learns beside a knowledge base. ``reasons``: sentences whose family is why
    their speaker wants to leave, ``none`` where no reason is told."""

    examples: Sequence[Example] = ()
    reasons: Sequence[Example] = ()


NOTHING = Taught()


def parse_examples(text: str) -> tuple[Example, ...]:
    """Examples of a CSV text. Raises ContentError for a wrong column, no text or no family."""
    found = []
    for (file, line), row in rows_of(EXAMPLES, text, COLUMNS):
        values = {column: row[column].strip() for column in COLUMNS}
        for column in ("text", "family"):
            if not values[column]:
                raise ContentError("{field} must not be empty", file=file, line=line, field=column)
        found.append(Example(**values))
    return tuple(found)


def parse_reasons(text: str) -> tuple[Example, ...]:
    """Sentences with reasons, of a CSV text. Raises ContentError for a wrong or empty column."""
    found = []
    for (file, line), row in rows_of(REASONS, text, REASON_COLUMNS):
        said, reason = row["text"].strip(), row["reason"].strip()
        if not said or not reason:
            raise ContentError("{field} must not be empty", file=file, line=line, field="text")
        found.append(Example(said, reason))
    return tuple(found)
