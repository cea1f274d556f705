"""What a draft of the knowledge base changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.language.knowledge.content import Knowledge
from app.language.knowledge.scoring import LabelledUtterance
from app.language.understanding.faq import FaqEntry
from app.language.understanding.intents import IntentKind


@dataclass(frozen=True, slots=True)
class Change:
    """What a draft changes: ``how`` (added, removed, changed) and ``what`` (entry, kind, test...).

    ``details``: (field, before, after); lists are joined by line breaks.
    """

    how: str
    what: str
    id: str
    details: tuple[tuple[str, str, str], ...] = ()


def changes(old: Knowledge, new: Knowledge) -> list[Change]:
    """From one knowledge base to another."""
    found = _by_id("entry", {e.id: _fields(e) for e in old.entries},
                   {e.id: _fields(e) for e in new.entries})  # fmt: skip
    found += _by_id("kind", {k.id: _kind_fields(k) for k in old.kinds},
                    {k.id: _kind_fields(k) for k in new.kinds})  # fmt: skip
    found += _by_id("test", {t.text: _test_fields(t) for t in old.tests},
                    {t.text: _test_fields(t) for t in new.tests})  # fmt: skip
    found += _by_id("calibration", {t.text: _test_fields(t) for t in old.calibration},
                    {t.text: _test_fields(t) for t in new.calibration})  # fmt: skip
    if old.words != new.words:
        found.append(Change("changed", "words", "lexicon.yaml"))
    return found


_Fields = Mapping[str, str]


def _by_id(what: str, old: Mapping[str, _Fields], new: Mapping[str, _Fields]) -> list[Change]:
    found = [Change("removed", what, at) for at in old if at not in new]
    for at, after in new.items():
        if at not in old:
            found.append(Change("added", what, at))
        elif old[at] != after:
            details = tuple((n, old[at][n], v) for n, v in after.items() if old[at][n] != v)
            found.append(Change("changed", what, at, details))
    return found


def _fields(entry: FaqEntry) -> _Fields:
    return {
        "family": entry.family, "question": entry.question, "similar": _lines(entry.similar),
        "spoken": entry.spoken, "answer": entry.answer,
        "valid_from": str(entry.valid_from or ""), "valid_until": str(entry.valid_until or ""),
        "handover": "yes" if entry.handover else "no", "deed": entry.deed,
    }  # fmt: skip


def _kind_fields(kind: IntentKind) -> _Fields:
    return {"name": " / ".join(kind.name.values()), "phrases": _lines(kind.phrases),
            "faq": kind.faq}  # fmt: skip


def _test_fields(row: LabelledUtterance) -> _Fields:
    return {"intent": f"{row.family}.{row.kind}", "faq": row.faq}


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(texts)
