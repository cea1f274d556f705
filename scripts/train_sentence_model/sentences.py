"""What is trained on: sentences with their family, and their kind and answer where those are known."""

import random
from dataclasses import dataclass
from pathlib import Path

from app.adapters.knowledge.content_files import read_files
from app.adapters.text_files import read_text
from app.language.knowledge.content import Knowledge
from app.language.knowledge.examples import EXAMPLES, REASONS, parse_examples, parse_reasons
from app.language.knowledge.files import parse
from app.language.knowledge.noise import Noise
from app.language.understanding.intents import Example
from app.language.understanding.normalise import normalise

FAQ = Path(__file__).resolve().parents[2] / "faq"
_NOISY, _RATES, _SEEDS, _CUT = 0.35, (0.07, 0.15, 0.2), 40, 0.1


@dataclass(frozen=True)
class Sentence:
    """``kind`` is family.kind; kind and entry may be empty."""

    text: str
    family: str
    kind: str
    entry: str


def examples() -> tuple[Example, ...]:
    """The sentences of faq/examples.csv."""
    return parse_examples(read_text(FAQ / EXAMPLES))


def reasons() -> tuple[Example, ...]:
    """The sentences of faq/reasons.csv."""
    return parse_reasons(read_text(FAQ / REASONS))


def load() -> tuple[Knowledge, list[Sentence]]:
    """The knowledge base, and every sentence of it and of the examples once."""
    knowledge = parse(read_files(FAQ))
    entries = {entry.id for entry in knowledge.entries}
    said = [Sentence(e.text, e.family, e.id if e.kind else "", e.faq if e.faq in entries else "")
            for e in examples()]  # fmt: skip
    said += [Sentence(text, entry.family, "", entry.id) for entry in knowledge.entries for text in entry.texts]
    said += [Sentence(phrase, kind.family, kind.id, "") for kind in knowledge.kinds for phrase in kind.phrases]
    found = {normalise(s.text).text: s for s in said}
    return knowledge, [Sentence(text, s.family, s.kind, s.entry) for text, s in found.items() if text]


class Varied:
    """A sentence as it may be heard: misheard, or with a word lost."""

    def __init__(self, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._noises = [Noise(n) for n in range(_SEEDS)]

    def __call__(self, text: str) -> str:
        chance = self._chance
        if chance.random() < _NOISY:
            text = chance.choice(self._noises)(text, chance.choice(_RATES))
        if chance.random() < _CUT and len(text) > 8:
            at = chance.randrange(len(text))
            text = text[:at] + text[at + chance.randrange(1, 3) :]
        return text
