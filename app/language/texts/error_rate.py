"""How far what was heard is from what was said: characters, and syllables without their tones."""

from collections import Counter
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from app.language.texts.spoken_texts import spoken
from app.language.understanding import sound


@dataclass(frozen=True, slots=True, kw_only=True)
class Errors:
    """Edits (wrong, missing, too much) and how much was said; sums can be added."""

    wrong: int = 0
    characters: int = 0
    wrong_syllables: int = 0
    syllables: int = 0

    def __add__(self, other: "Errors") -> "Errors":
        return Errors(
            wrong=self.wrong + other.wrong, characters=self.characters + other.characters,
            wrong_syllables=self.wrong_syllables + other.wrong_syllables,
            syllables=self.syllables + other.syllables,
        )  # fmt: skip

    @property
    def cer(self) -> float:
        """Wrong characters of those said; 0 where nothing was."""
        return self.wrong / self.characters if self.characters else 0.0

    @property
    def toneless(self) -> float:
        """Wrong syllables, tones aside, of those said."""
        return self.wrong_syllables / self.syllables if self.syllables else 0.0


def errors_of(said: str, heard: str) -> Errors:
    """Both as they are spoken: figures in characters, no punctuation."""
    right, found = spoken(said), spoken(heard)
    sounds, sounded = sound.syllables(right), sound.syllables(found)
    return Errors(
        wrong=Levenshtein.distance(right, found), characters=len(right),
        wrong_syllables=Levenshtein.distance(sounds, sounded), syllables=len(sounds),
    )  # fmt: skip


def confusions(said: str, heard: str) -> Counter[tuple[str, str]]:
    """What was said and what was heard for it; empty: missing, or too much."""
    right, found = spoken(said), spoken(heard)
    pairs: Counter[tuple[str, str]] = Counter()
    for step in Levenshtein.opcodes(right, found):
        if step.tag != "equal":
            was = right[step.src_start : step.src_end]
            pairs[was, found[step.dest_start : step.dest_end]] += 1
    return pairs
