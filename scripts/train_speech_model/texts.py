"""Sentences for the acoustic model: what is said on the line, and general phrases for coverage.

Nothing of ``faq/tests.csv`` is among them: that is what models are measured on.
"""

import random
from pathlib import Path

from pypinyin.phrases_dict import phrases_dict

from app.adapters.knowledge.content_files import read_files
from app.language.knowledge.content import Knowledge
from app.language.knowledge.files import parse
from app.language.texts.pronounce import pronounceable
from app.language.texts.spoken_texts import Values, agents_texts, callers_texts, colloquial

ROOT = Path(__file__).resolve().parents[2]
_LONGEST = 24


def knowledge() -> Knowledge:
    """The knowledge base that comes with the project."""
    return parse(read_files(ROOT / "faq"))


def domain(count: int, seed: int) -> list[str]:
    """Callers' and agents' sentences and sampled values (telephone numbers, addresses, …)."""
    known = knowledge()
    asked = callers_texts(known)
    places = sorted(known.lexicon.estates.fold)
    said = [*colloquial(asked, seed), *asked, *agents_texts(known, ())]
    said += Values(places, (), seed).sample(len(said))
    said = [text for text in said if 2 <= len(text) <= _LONGEST and pronounceable(text)]
    chance = random.Random(seed)
    chance.shuffle(said)
    return [said[at % len(said)] for at in range(count)]


def general(count: int, seed: int) -> list[str]:
    """One to four phrases of a dictionary in a row: every syllable in many neighbourhoods."""
    chance = random.Random(seed)
    phrases = [p for p in phrases_dict if 2 <= len(p) <= 4 and pronounceable(p)]
    return ["".join(chance.choices(phrases, k=chance.randint(1, 4))) for _ in range(count)]


def tests() -> list[str]:
    """The held-out sentences."""
    return [test.text for test in knowledge().tests]
