"""Changes of a knowledge base, one dataclass each; ``apply`` answers with the new one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.language.knowledge.content import ContentError, Knowledge
from app.language.knowledge.files import (
    CALIBRATION,
    ENTRIES,
    FILES,
    INTENTS,
    TESTS,
    WORDS,
    make_entry,
    parse_entries,
    parse_intents,
    parse_labelled,
    parse_words,
)
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.faq import FaqEntry
from app.language.understanding.intents import IntentKind
from app.language.understanding.normalise import normalise


@dataclass(frozen=True, slots=True)
class SaveEntry:
    """``fields`` as text by ENTRY_COLUMNS; ``known_id``: the entry that is changed, empty: new.

    ``seen``: the entry as the editor saw it (None: not compared).
    """

    fields: Mapping[str, str]
    known_id: str = ""
    seen: FaqEntry | None = None


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    id: str


@dataclass(frozen=True, slots=True)
class AddQuestions:
    """Further ways to ask for an entry; those that it has already are left out."""

    entry: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SavePhrases:
    """All phrases of an intent kind, and the entry that answers it."""

    kind: str
    phrases: tuple[str, ...]
    faq: str = ""


@dataclass(frozen=True, slots=True)
class AddPhrases:
    kind: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AddTest:
    """A labelled utterance for the tests (never learned from)."""

    text: str
    kind: str
    faq: str = ""


@dataclass(frozen=True, slots=True)
class RemoveTest:
    text: str


@dataclass(frozen=True, slots=True)
class ReplaceFiles:
    """Whole files by name; the others stay."""

    files: Mapping[str, str]


Edit = (
    SaveEntry | RemoveEntry | AddQuestions | SavePhrases | AddPhrases | AddTest | RemoveTest
    | ReplaceFiles
)  # fmt: skip


def subject(edit: Edit) -> str:
    """What an edit is about, for the log of changes."""
    if isinstance(edit, SaveEntry):
        return edit.fields.get("id", "") or edit.known_id
    if isinstance(edit, ReplaceFiles):
        return ", ".join(edit.files)
    if isinstance(edit, RemoveEntry):
        return edit.id
    if isinstance(edit, AddQuestions):
        return f"{edit.entry}: {' | '.join(edit.texts)}"
    if isinstance(edit, SavePhrases):
        return edit.kind
    if isinstance(edit, AddPhrases):
        return f"{edit.kind}: {' | '.join(edit.texts)}"
    return edit.text


def apply(knowledge: Knowledge, edit: Edit) -> Knowledge:
    """The changed knowledge base. Raises ContentError with what was expected."""
    if isinstance(edit, SaveEntry):
        return _save_entry(knowledge, edit)
    if isinstance(edit, RemoveEntry):
        _entry(knowledge, edit.id)
        return replace(knowledge, entries=tuple(e for e in knowledge.entries if e.id != edit.id))
    if isinstance(edit, AddQuestions):
        return _add_questions(knowledge, edit)
    if isinstance(edit, SavePhrases):
        kind = _kind(knowledge, edit.kind)
        return _with_kind(knowledge, replace(kind, phrases=_clean(edit.phrases), faq=edit.faq))
    if isinstance(edit, AddPhrases):
        kind = _kind(knowledge, edit.kind)
        return _with_kind(knowledge, replace(kind, phrases=_joined(kind.phrases, edit.texts)))
    if isinstance(edit, ReplaceFiles):
        return _replace_files(knowledge, edit.files)
    return _tests(knowledge, edit)


def _entry(knowledge: Knowledge, entry_id: str) -> FaqEntry:
    found = knowledge.entry(entry_id)
    if found is None:
        raise ContentError("there is no entry {got}", got=entry_id)
    return found


def _kind(knowledge: Knowledge, kind_id: str) -> IntentKind:
    found = knowledge.kind(kind_id)
    if found is None:
        raise ContentError("there is no intent {got}", got=kind_id)
    return found


def _save_entry(knowledge: Knowledge, edit: SaveEntry) -> Knowledge:
    entry = make_entry(edit.fields)
    known = knowledge.entry(edit.known_id) if edit.known_id else None
    if edit.known_id and known is None:
        raise ContentError("entry {got} was removed meanwhile", got=edit.known_id)
    if known is not None and edit.seen is not None and known != edit.seen:
        raise ContentError("entry {got} was changed meanwhile: look at it again", got=edit.known_id)
    taken = knowledge.entry(entry.id)
    if taken is not None and entry.id != edit.known_id:
        raise ContentError("{got} is there already", got=entry.id)
    if known is None:
        return replace(knowledge, entries=(*knowledge.entries, entry))
    return _with_entry(knowledge, known.id, entry)


def _with_entry(knowledge: Knowledge, known_id: str, entry: FaqEntry) -> Knowledge:
    """An entry whose id changes takes its references along."""
    entries = tuple(entry if e.id == known_id else e for e in knowledge.entries)
    if entry.id == known_id:
        return replace(knowledge, entries=entries)
    kinds = tuple(replace(k, faq=entry.id) if k.faq == known_id else k for k in knowledge.kinds)

    def moved(rows: Sequence[LabelledUtterance]) -> tuple[LabelledUtterance, ...]:
        renamed = (tuple(entry.id if a == known_id else a for a in r.answers) for r in rows)
        return tuple(replace(r, faq="|".join(a)) for r, a in zip(rows, renamed, strict=True))

    return replace(knowledge, entries=entries, kinds=kinds, tests=moved(knowledge.tests),
                   calibration=moved(knowledge.calibration))  # fmt: skip


def _clean(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _joined(known: Sequence[str], texts: Sequence[str]) -> tuple[str, ...]:
    """Texts whose normal form is not among the known ones are appended."""
    normals = {normalise(text).text for text in known}
    more = [text for text in _clean(texts) if normalise(text).text not in normals]
    return (*known, *more)


def _add_questions(knowledge: Knowledge, edit: AddQuestions) -> Knowledge:
    entry = _entry(knowledge, edit.entry)
    texts = _joined(entry.texts, edit.texts)
    return _with_entry(knowledge, entry.id, replace(entry, similar=texts[1:]))


def _with_kind(knowledge: Knowledge, kind: IntentKind) -> Knowledge:
    if not kind.phrases:
        raise ContentError("intent {got} needs at least one phrase", got=kind.id)
    return replace(knowledge, kinds=tuple(kind if k.id == kind.id else k for k in knowledge.kinds))


def _tests(knowledge: Knowledge, edit: AddTest | RemoveTest) -> Knowledge:
    if isinstance(edit, RemoveTest):
        return replace(knowledge, tests=tuple(t for t in knowledge.tests if t.text != edit.text))
    kind = _kind(knowledge, edit.kind)
    text = edit.text.strip()
    if not text:
        raise ContentError("a test needs the words of a caller")
    if any(row.text == text for row in knowledge.tests):
        raise ContentError("{got} is there already", got=text)
    row = LabelledUtterance(text, kind.family, kind.kind, edit.faq)
    return replace(knowledge, tests=(*knowledge.tests, row))


def _replace_files(knowledge: Knowledge, files: Mapping[str, str]) -> Knowledge:
    for name, text in files.items():
        if name == ENTRIES:
            knowledge = replace(knowledge, entries=parse_entries(text))
        elif name == INTENTS:
            families, kinds = parse_intents(text)
            knowledge = replace(knowledge, families=families, kinds=kinds)
        elif name == WORDS:
            knowledge = replace(knowledge, words=parse_words(text))
        elif name == TESTS:
            knowledge = replace(knowledge, tests=parse_labelled(name, text))
        elif name == CALIBRATION:
            knowledge = replace(knowledge, calibration=parse_labelled(name, text))
        else:
            raise ContentError("expected one of {names}", file=name, names=", ".join(FILES))
    return knowledge
