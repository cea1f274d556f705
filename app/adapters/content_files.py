"""Content from the files in ``faq/`` and ``prompts/``: read whole, or not at all."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from app.domain.offer import Offer, OfferConditions
from app.domain.refusal import Refused
from app.language.engine import UnderstandingEngine
from app.language.faq import FaqEntry
from app.language.intents import IntentKind, load_kinds
from app.language.lexicon import Lexicon
from app.language.scoring import LabelledUtterance
from app.service.ports import Content

FAQ_COLUMNS = (
    "id", "family", "question", "similar", "spoken", "answer", "valid_from", "valid_until",
    "handover",
)  # fmt: skip


class ContentError(Exception):
    """A content file that cannot be used: names the file, the line and what was expected."""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ContentError(f"{path.name}: not UTF-8; save it as UTF-8 and try again") from None
    except OSError as error:
        raise ContentError(f"{path}: {error.strerror}") from None


def read_yaml(path: Path) -> Any:
    """A parsed YAML file. Raises ContentError with file and line."""
    try:
        return yaml.safe_load(_read(path))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ContentError(f"{path.name}, line {line}: {error.problem}") from None


def _date(text: str, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise ContentError(f"{where}: expected a date such as 2026-01-31, got {text!r}") from None


def _entry(row: Mapping[str, str], where: str) -> FaqEntry:
    if not row["id"] or not row["question"] or not row["answer"]:
        raise ContentError(f"{where}: id, question and answer must not be empty")
    similar = tuple(t.strip() for t in row["similar"].split("|") if t.strip())
    return FaqEntry(
        row["id"], row["family"], row["question"], similar, row["spoken"], row["answer"],
        _date(row["valid_from"], where), _date(row["valid_until"], where),
        row["handover"].strip().lower() == "yes",
    )  # fmt: skip


def read_faq(path: Path) -> tuple[FaqEntry, ...]:
    """Entries of a CSV file. Raises ContentError for a wrong column, an empty field, a twin id."""
    reader = csv.DictReader(_read(path).splitlines())
    if tuple(reader.fieldnames or ()) != FAQ_COLUMNS:
        raise ContentError(f"{path.name}, line 1: expected the columns {','.join(FAQ_COLUMNS)}")
    found: dict[str, FaqEntry] = {}
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if None in row or None in row.values():
            raise ContentError(f"{where}: expected {len(FAQ_COLUMNS)} fields")
        entry = _entry(row, where)
        if entry.id in found:
            raise ContentError(f"{where}: id {entry.id!r} is there already")
        found[entry.id] = entry
    return tuple(found.values())


TEST_COLUMNS = ("text", "family", "kind", "faq")


def read_tests(
    path: Path, faq: Iterable[FaqEntry], kinds: Iterable[IntentKind]
) -> list[LabelledUtterance]:
    """Labelled utterances. Raises ContentError for a row that names nothing, or that is known.

    A test text that is also a phrase or a similar question would test nothing.
    """
    entries, known_kinds = {e.id: e for e in faq}, {k.id: k for k in kinds}
    known = {t for e in entries.values() for t in e.texts}
    known |= {p for k in known_kinds.values() for p in k.phrases}
    reader = csv.DictReader(_read(path).splitlines())
    if tuple(reader.fieldnames or ()) != TEST_COLUMNS:
        raise ContentError(f"{path.name}, line 1: expected the columns {','.join(TEST_COLUMNS)}")
    rows = []
    for row in reader:
        where = f"{path.name}, line {reader.line_num}"
        if f"{row['family']}.{row['kind']}" not in known_kinds:
            raise ContentError(f"{where}: there is no kind {row['family']}.{row['kind']}")
        if row["faq"] and row["faq"] not in entries:
            raise ContentError(f"{where}: there is no FAQ entry {row['faq']}")
        if row["text"] in known:
            raise ContentError(f"{where}: {row['text']!r} is learned from, so it tests nothing")
        rows.append(LabelledUtterance(row["text"], row["family"], row["kind"], row["faq"]))
    return rows


def _conditions(data: Mapping[str, Any]) -> OfferConditions:
    return OfferConditions(**data)


def read_offer(path: Path) -> Offer:
    """One offer. Raises ContentError for an unknown field or an impossible offer."""
    data = dict(read_yaml(path))
    try:
        conditions = _conditions(data.pop("conditions", None) or {})
        for name in ("reasons", "disclosures"):
            data[name] = tuple(data.get(name) or ())
        return Offer(conditions=conditions, **data)
    except (TypeError, Refused) as error:
        raise ContentError(f"{path.name}: {error}") from None


def read_offers(folder: Path) -> tuple[Offer, ...]:
    """All offers of a folder by code."""
    offers: dict[str, Offer] = {}
    for path in sorted(folder.glob("*.yaml")):
        offer = read_offer(path)
        if offer.code in offers:
            raise ContentError(f"{path.name}: code {offer.code!r} is there already")
        offers[offer.code] = offer
    return tuple(offers.values())


def load_content(root: Path) -> Content:
    """Everything below ``root`` (the project), understanding built. Raises ContentError."""
    try:
        kinds = load_kinds(read_yaml(root / "faq/intents.yaml"))
        lexicon = Lexicon.from_data(read_yaml(root / "faq/lexicon.yaml"))
    except (KeyError, TypeError, AttributeError) as error:
        raise ContentError(f"faq/intents.yaml or faq/lexicon.yaml: missing part {error}") from None
    faq = read_faq(root / "faq/entries.csv")
    scripts = dict(read_yaml(root / "prompts/agent/scripts.yaml"))
    scripts["disclosures"] = read_yaml(root / "prompts/quality/disclosures.yaml")
    prompts = {k: str(v) for k, v in read_yaml(root / "prompts/robot/prompts.yaml").items()}
    offers = read_offers(root / "prompts/agent/offers")
    return Content(UnderstandingEngine(kinds, lexicon, faq), faq, offers, scripts, prompts)


class FileContent:
    """Content as it was at the start; editing and publishing come with the workshop."""

    def __init__(self, root: Path) -> None:
        self._content = load_content(root)

    def current(self) -> Content:
        return self._content
