"""The knowledge base as files that a supervisor can open: CSV and YAML, without loss.

Parsing is all or nothing: the first fault raises ContentError with file, line and what was
expected. ``parse(render(k)) == k``.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import yaml

from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.faq import DEEDS, FaqEntry
from app.language.understanding.intents import IntentKind
from app.language.understanding.lexicon import Lexicon

ENTRIES, INTENTS, WORDS = "entries.csv", "intents.yaml", "lexicon.yaml"
TESTS, CALIBRATION = "tests.csv", "calibration.csv"
FILES = (ENTRIES, INTENTS, WORDS, TESTS, CALIBRATION)
ENTRY_COLUMNS = (
    "id", "family", "question", "similar", "spoken", "answer", "valid_from", "valid_until",
    "handover", "deed",
)  # fmt: skip
#: Columns that a file from before they existed may lack.
LATER_COLUMNS = ("deed",)
TEST_COLUMNS = ("text", "family", "kind", "faq")
SEPARATOR = "|"
LONGEST_TEXT = 200
LONGEST_ANSWER = 4000
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def decode(name: str, data: bytes) -> str:
    """Text of a file in UTF-8 (a byte order mark is dropped) or GB 18030 (spreadsheets)."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raise ContentError(
            "neither UTF-8 nor GBK; save it as CSV UTF-8 and try again", file=name, line=line
        ) from None


def parse(files: Mapping[str, str]) -> Knowledge:
    """A knowledge base from the texts of FILES. Raises ContentError, also for a missing file."""
    for name in FILES:
        if name not in files:
            raise ContentError("the file is missing", file=name)
    families, kinds = parse_intents(files[INTENTS])
    return Knowledge(
        families, kinds, parse_words(files[WORDS]), parse_entries(files[ENTRIES]),
        parse_labelled(TESTS, files[TESTS]), parse_labelled(CALIBRATION, files[CALIBRATION]),
    )  # fmt: skip


def render(knowledge: Knowledge) -> dict[str, str]:
    """Write the knowledge base as the texts of FILES."""
    return {
        ENTRIES: render_entries(knowledge.entries), INTENTS: render_intents(knowledge),
        WORDS: _yaml(knowledge.words), TESTS: render_labelled(knowledge.tests),
        CALIBRATION: render_labelled(knowledge.calibration),
    }  # fmt: skip


# -- entries ---------------------------------------------------------------------------------


Place = tuple[str, int]


def rows_of(
    name: str, text: str, columns: Sequence[str], later: Sequence[str] = ()
) -> Iterator[tuple[Place, Mapping[str, str]]]:
    """(file and line, row) of a CSV text; of ``columns`` those in ``later`` may be missing."""
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise ContentError("holds binary data; expected CSV", file=name, line=line)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        header = tuple(reader.fieldnames or ())
        if header not in (tuple(columns), tuple(c for c in columns if c not in later)):
            got = ",".join(map(str, header))[:200] or "-"
            raise ContentError("expected the columns {columns}; got {got}", file=name, line=1,
                               columns=",".join(columns), got=got)  # fmt: skip
        for row in reader:
            if None in row or None in row.values():
                raise ContentError("expected {count} fields", file=name, line=reader.line_num,
                                   count=len(header))  # fmt: skip
            yield (name, reader.line_num), dict.fromkeys(later, "") | row
    except csv.Error as error:
        raise ContentError("no valid CSV: {fault}", file=name, line=reader.reader.line_num,
                           fault=error) from None  # fmt: skip


def parse_entries(text: str) -> tuple[FaqEntry, ...]:
    """Entries of a CSV text. Raises ContentError for a wrong column, an empty field, a twin id."""
    found: dict[str, FaqEntry] = {}
    lines: dict[str, int] = {}
    for (name, line), row in rows_of(ENTRIES, text, ENTRY_COLUMNS, LATER_COLUMNS):
        try:
            entry = make_entry(row)
        except ContentError as error:
            raise error.at(name, line) from None
        if entry.id in found:
            raise ContentError("id {id} is there already, in line {first}", file=name, line=line,
                               id=entry.id, first=lines[entry.id])  # fmt: skip
        found[entry.id], lines[entry.id] = entry, line
    return tuple(found.values())


def make_entry(row: Mapping[str, str]) -> FaqEntry:
    """An entry from its fields as text. Raises ContentError with what was expected."""
    values = {name: row[name].strip() for name in ENTRY_COLUMNS}
    for name in ("id", "family", "question", "answer"):
        if not values[name]:
            raise ContentError("{field} must not be empty", field=name)
    if not values["id"].isascii() or not values["id"].replace("-", "").isalnum():
        raise ContentError("expected an id of letters, digits and hyphens, got {got}",
                           got=values["id"])  # fmt: skip
    similar = tuple(t.strip() for t in values["similar"].split(SEPARATOR) if t.strip())
    for each in (values["question"], *similar):
        if len(each) > LONGEST_TEXT or "\n" in each:
            raise ContentError("a question has one line of at most {most} characters",
                               most=LONGEST_TEXT)  # fmt: skip
    if len(values["answer"]) > LONGEST_ANSWER or len(values["spoken"]) > LONGEST_ANSWER:
        raise ContentError("an answer has at most {most} characters", most=LONGEST_ANSWER)
    return FaqEntry(
        values["id"], values["family"], values["question"], similar, values["spoken"],
        values["answer"], _date(values["valid_from"]), _date(values["valid_until"]),
        _yes(values["handover"]), _deed(values["deed"]),
    )  # fmt: skip


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ContentError("expected a date such as 2026-01-31, got {got}", got=text) from None


def _yes(text: str) -> bool:
    if text.lower() not in ("yes", "no", ""):
        raise ContentError("expected yes or no for handover, got {got}", got=text)
    return text.lower() == "yes"


def _deed(text: str) -> str:
    if text and text not in DEEDS:
        raise ContentError("expected one of {names} for deed, got {got}",
                           names=", ".join(DEEDS), got=text)  # fmt: skip
    return text


def entry_fields(entry: FaqEntry) -> dict[str, str]:
    """The fields of an entry as text, by ENTRY_COLUMNS."""
    return {
        "id": entry.id, "family": entry.family, "question": entry.question,
        "similar": SEPARATOR.join(entry.similar), "spoken": entry.spoken, "answer": entry.answer,
        "valid_from": str(entry.valid_from or ""), "valid_until": str(entry.valid_until or ""),
        "handover": "yes" if entry.handover else "no", "deed": entry.deed,
    }  # fmt: skip


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def render_entries(entries: Sequence[FaqEntry]) -> str:
    return _csv(ENTRY_COLUMNS, [entry_fields(entry) for entry in entries])


# -- tests -----------------------------------------------------------------------------------


def parse_labelled(name: str, text: str) -> tuple[LabelledUtterance, ...]:
    """Labelled utterances of a CSV text. Raises ContentError."""
    found: dict[str, LabelledUtterance] = {}
    for (file, line), row in rows_of(name, text, TEST_COLUMNS):
        values = {column: row[column].strip() for column in TEST_COLUMNS}
        for column in ("text", "family", "kind"):
            if not values[column]:
                raise ContentError("{field} must not be empty", file=file, line=line, field=column)
        if values["text"] in found:
            raise ContentError("{got} is there already", file=file, line=line, got=values["text"])
        found[values["text"]] = LabelledUtterance(**values)
    return tuple(found.values())


def render_labelled(rows: Sequence[LabelledUtterance]) -> str:
    return _csv(TEST_COLUMNS, [
        {"text": r.text, "family": r.family, "kind": r.kind, "faq": r.faq} for r in rows
    ])  # fmt: skip


# -- YAML ------------------------------------------------------------------------------------


def _node(name: str, text: str) -> Any:
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError("no valid YAML: {fault}", file=name, line=line,
                           fault=error.problem) from None  # fmt: skip
    except yaml.YAMLError as error:
        raise ContentError("no valid YAML: {fault}", file=name, fault=error) from None
    if node is None:
        raise ContentError("the file is empty", file=name, line=1)
    return node


def _fault(name: str, node: Any, message: str, **values: object) -> ContentError:
    return ContentError(message, file=name, line=node.start_mark.line + 1, **values)


def _mapping(name: str, node: Any, what: str) -> dict[str, Any]:
    """Keys and nodes. Raises ContentError for another shape or a key that is there twice."""
    if not isinstance(node, yaml.MappingNode):
        raise _fault(name, node, "expected {what}", what=what)
    found: dict[str, Any] = {}
    for key, value in node.value:
        if key.value in found:
            raise _fault(name, key, "{got} is there already", got=key.value)
        found[str(key.value)] = value
    return found


def _text(name: str, node: Any, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or not node.value:
        raise _fault(name, node, "expected {what} as text", what=what)
    return str(node.value)


def _texts(name: str, node: Any, what: str) -> tuple[str, ...]:
    if not isinstance(node, yaml.SequenceNode):
        raise _fault(name, node, "expected a list of {what}", what=what)
    return tuple(_text(name, each, what) for each in node.value)


def _part(name: str, node: Any, parts: Mapping[str, Any], key: str) -> Any:
    if key not in parts:
        raise _fault(name, node, "{key} is missing", key=key)
    return parts[key]


def _names(name: str, node: Any) -> dict[str, str]:
    found = {k: _text(name, v, "a name") for k, v in _mapping(name, node, "names").items()}
    for language in ("zh", "en"):
        if language not in found:
            raise _fault(name, node, "{key} is missing", key=f"name.{language}")
    return found


def parse_intents(text: str) -> tuple[dict[str, Mapping[str, str]], tuple[IntentKind, ...]]:
    """Names of the families, and all kinds."""
    root = _node(INTENTS, text)
    groups = _part(INTENTS, root, _mapping(INTENTS, root, "families"), "families")
    families: dict[str, Mapping[str, str]] = {}
    kinds: list[IntentKind] = []
    for family, node in _mapping(INTENTS, groups, "families").items():
        group = _mapping(INTENTS, node, "a family")
        families[family] = _names(INTENTS, _part(INTENTS, node, group, "name"))
        bodies = _mapping(INTENTS, _part(INTENTS, node, group, "kinds"), "kinds")
        kinds += [_kind(family, kind, body) for kind, body in bodies.items()]
    return families, tuple(kinds)


def _kind(family: str, kind: str, node: Any) -> IntentKind:
    body = _mapping(INTENTS, node, "a kind")
    phrases = _texts(INTENTS, _part(INTENTS, node, body, "phrases"), "phrases")
    faq = _text(INTENTS, body["faq"], "an entry's id") if "faq" in body else ""
    names = _names(INTENTS, _part(INTENTS, node, body, "name"))
    return IntentKind(f"{family}.{kind}", family, kind, names, phrases, faq)


def render_intents(knowledge: Knowledge) -> str:
    families: dict[str, Any] = {
        family: {"name": dict(names), "kinds": {}} for family, names in knowledge.families.items()
    }
    for kind in knowledge.kinds:
        body: dict[str, Any] = {"name": dict(kind.name)}
        if kind.faq:
            body["faq"] = kind.faq
        families[kind.family]["kinds"][kind.kind] = {**body, "phrases": list(kind.phrases)}
    return _yaml({"families": families})


def parse_words(text: str) -> dict[str, Any]:
    """The lexicon as plain data, checked to be complete."""
    root = _node(WORDS, text)
    words = {section: _words(node) for section, node in _mapping(WORDS, root, "sections").items()}
    try:
        Lexicon.from_data(words)
    except (KeyError, AttributeError, TypeError) as error:
        raise ContentError("section {key} is missing or has another shape", file=WORDS,
                           key=error) from None  # fmt: skip
    return words


def _words(node: Any) -> Any:
    """Lists of words in mappings, nested as deep as the section has them."""
    if isinstance(node, yaml.MappingNode):
        return {key: _words(each) for key, each in _mapping(WORDS, node, "words").items()}
    if isinstance(node, yaml.ScalarNode) and not node.value:
        return []
    return list(_texts(WORDS, node, "words"))


def _yaml(data: Any) -> str:
    return str(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=110,
                              default_flow_style=None))  # fmt: skip
