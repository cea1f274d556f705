"""What is wrong with a knowledge base: the rules that a careful editor goes by."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from rapidfuzz import fuzz, process

from app.language.knowledge.content import Knowledge
from app.language.knowledge.facts import contradictions
from app.language.knowledge.findings import Finding, OfferTerms, Passage
from app.language.knowledge.wording import broken_words, missing_terms
from app.language.understanding import sound
from app.language.understanding.faq import FaqEntry
from app.language.understanding.normalise import normalise
from app.language.understanding.redact import redact

FEWEST_TEXTS = 3
FEWEST_PHRASES = 10
LONGEST_SPOKEN = 120
#: Texts of two entries that sound as alike as this confuse the search.
NEAR_RATIO = 90.0
_CHUNK = 400


def check(
    knowledge: Knowledge, today: date,
    said: Sequence[Passage] = (), offers: Sequence[OfferTerms] = (),
) -> list[Finding]:  # fmt: skip
    """Everything that a careful editor would object to, the fatal first.

    ``said``: what is said besides the entries (offers, scripts, the robot's dialogs), which must
    name the same figures; ``offers``: their terms.
    """
    passages = [*_passages(knowledge.entries), *said]
    found = [
        *_dead_ids(knowledge), *_twins(knowledge), *_learned_tests(knowledge),
        *_personal(knowledge), *_thin(knowledge), *_expired(knowledge.entries, today),
        *_near(knowledge), *contradictions(passages), *broken_words(passages),
        *missing_terms(offers),
    ]  # fmt: skip
    return sorted(found, key=lambda finding: not finding.fatal)


def _passages(entries: Iterable[FaqEntry]) -> Iterator[Passage]:
    """What the robot speaks, kept where the entry has a deed; what agents read, who record it."""
    for entry in entries:
        yield Passage(f"faq:{entry.id}", entry.spoken, kept=bool(entry.deed))
        yield Passage(f"faq:{entry.id}", entry.answer)


def _texts(knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """(owner, raw, normal form) of all that is learned from."""
    for entry in knowledge.entries:
        for text in entry.texts:
            yield f"faq:{entry.id}", text, normalise(text).text
    for kind in knowledge.kinds:
        for text in kind.phrases:
            yield f"kind:{kind.id}", text, normalise(text).text


def _dead_ids(knowledge: Knowledge) -> Iterator[Finding]:
    entries = {e.id for e in knowledge.entries}
    kinds = {k.id for k in knowledge.kinds}
    for kind in knowledge.kinds:
        if kind.faq and kind.faq not in entries:
            yield Finding("dead_id", f"kind:{kind.id}", kind.faq, fatal=True)
    for entry in knowledge.entries:
        if entry.family not in knowledge.families:
            yield Finding("unknown_family", f"faq:{entry.id}", entry.family, fatal=True)
    for row in (*knowledge.tests, *knowledge.calibration):
        for answer in set(row.answers) - entries:
            yield Finding("dead_id", "test", row.text, answer, fatal=True)
        if f"{row.family}.{row.kind}" not in kinds:
            yield Finding("dead_id", "test", row.text, f"{row.family}.{row.kind}", fatal=True)


def _twins(knowledge: Knowledge) -> Iterator[Finding]:
    """The same text under two entries or two kinds (a phrase may also be a question)."""
    seen: dict[tuple[str, str], str] = {}
    for owner, raw, normal in _texts(knowledge):
        sort = owner.partition(":")[0]
        known = seen.setdefault((sort, normal), owner)
        if known != owner:
            yield Finding("duplicate", owner, raw, known, fatal=True)
    for entry in knowledge.entries:
        normals = [normalise(text).text for text in entry.texts]
        for text, normal in zip(entry.texts, normals, strict=True):
            if not normal:
                yield Finding("empty_text", f"faq:{entry.id}", text, fatal=True)
        if len(set(normals)) < len(normals):
            twice = next(
                t for t, n in zip(entry.texts, normals, strict=True) if normals.count(n) > 1
            )
            yield Finding("repeated", f"faq:{entry.id}", twice)


def _learned_tests(knowledge: Knowledge) -> Iterator[Finding]:
    """A test that is also learned from would test nothing."""
    known = {normal: owner for owner, _, normal in _texts(knowledge)}
    known |= {normalise(row.text).text: "calibration" for row in knowledge.calibration}
    for row in knowledge.tests:
        owner = known.get(normalise(row.text).text)
        if owner is not None and len(normalise(row.text).text) > 2:
            yield Finding("learned_test", "test", row.text, owner, fatal=True)


def _personal(knowledge: Knowledge) -> Iterator[Finding]:
    for owner, raw, _ in _texts(knowledge):
        if redact(raw) != raw:
            yield Finding("personal_number", owner, redact(raw), fatal=True)


def _thin(knowledge: Knowledge) -> Iterator[Finding]:
    for entry in knowledge.entries:
        if len(entry.texts) < FEWEST_TEXTS:
            yield Finding("few_texts", f"faq:{entry.id}", str(len(entry.texts)))
        if not entry.spoken:
            yield Finding("no_spoken", f"faq:{entry.id}")
        elif len(entry.spoken) > LONGEST_SPOKEN:
            yield Finding("long_spoken", f"faq:{entry.id}", str(len(entry.spoken)))
    for kind in knowledge.kinds:
        if len(kind.phrases) < FEWEST_PHRASES:
            yield Finding("few_phrases", f"kind:{kind.id}", str(len(kind.phrases)))


def _expired(entries: Iterable[FaqEntry], today: date) -> Iterator[Finding]:
    for entry in entries:
        if entry.valid_until is not None and entry.valid_until < today:
            yield Finding("expired", f"faq:{entry.id}", entry.valid_until.isoformat())
        elif entry.valid_from is not None and entry.valid_from > today:
            yield Finding("not_yet", f"faq:{entry.id}", entry.valid_from.isoformat())


def _near(knowledge: Knowledge) -> Iterator[Finding]:
    """Texts of two entries that nearly sound the same, each pair once."""
    texts = [
        (entry.id, text, sound.half_syllables(normalise(text).text))
        for entry in knowledge.entries
        for text in entry.texts
    ]
    codes = [code for _, _, code in texts]
    for start in range(0, len(texts), _CHUNK):
        block = codes[start : start + _CHUNK]
        ratios = process.cdist(block, codes, scorer=fuzz.ratio, score_cutoff=NEAR_RATIO)
        for at, row in enumerate(ratios, start):
            for other in row.nonzero()[0]:
                first, second = texts[at], texts[int(other)]
                if other > at and first[0] != second[0] and first[2] != second[2]:
                    yield Finding("near", f"faq:{first[0]}", first[1], f"{second[0]}: {second[1]}")
