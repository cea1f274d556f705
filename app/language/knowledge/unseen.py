"""Sentences that nobody here had read (``faq/tests_unseen.csv``): what they say of the engine."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.language.knowledge.content import ContentError
from app.language.knowledge.files import rows_of
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.modality import expected_after

UNSEEN = "tests_unseen.csv"
COLUMNS = ("text", "family", "kind", "action", "faq", "slots", "asked", "tags")


@dataclass(frozen=True, slots=True)
class Unseen:
    """A labelled sentence; ``asked`` is what was said before it, ``tags`` what is hard about it,
    ``slots`` the values that it holds."""

    row: LabelledUtterance
    asked: str
    tags: tuple[str, ...]
    slots: dict[str, str]


def parse_unseen(text: str) -> tuple[Unseen, ...]:
    """The sentences of a CSV text. Raises ContentError for another shape."""
    found = []
    for (file, line), values in rows_of(UNSEEN, text, COLUMNS):
        if not values["text"] or not values["family"]:
            raise ContentError("{field} must not be empty", file=file, line=line, field="text")
        row = LabelledUtterance(
            values["text"], values["family"], values["kind"], values["faq"],
            expected_after(values["asked"]) or ("question" if values["asked"] else ""),
        )  # fmt: skip
        slots = dict(part.split("=", 1) for part in values["slots"].split(";") if "=" in part)
        found.append(Unseen(row, values["asked"], tuple(values["tags"].split(";")), slots))
    return tuple(found)


def by_tag(rows: Sequence[Unseen], right: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """How many of each tag were right, and how many there are."""
    found: dict[str, list[bool]] = defaultdict(list)
    for row, one in zip(rows, right, strict=True):
        for tag in row.tags:
            found[tag].append(one)
    return {tag: (sum(each), len(each)) for tag, each in sorted(found.items())}
