"""The sentences that come with the installation: what callers say, with what they want.

They are learned from beside the phrases of the knowledge base, which a supervisor edits and which
go before them; nobody has to look at 20,000 of them.
"""

from app.language.knowledge.content import ContentError
from app.language.knowledge.files import rows_of
from app.language.understanding.intents import Example

EXAMPLES = "examples.csv"
COLUMNS = ("text", "family", "kind", "faq")


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
