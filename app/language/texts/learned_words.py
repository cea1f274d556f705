"""Words and their neighbours as several callers say them: counts that leave the calls, no sentence.

A run of words is kept only where callers of at least three numbers have said it, and no caller
counts for more than three times: what one person said cannot be read out of the counts.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.language.texts.own_calls import Piece
from app.language.texts.trigram import END, ORDER, START, Gram
from app.language.understanding.sound import folded_syllables

FEWEST_CALLERS = 3
MOST_OF_ONE_CALLER = 3
#: Characters of a name that is found by its sound.
SHORTEST_NAME, LONGEST_NAME = 2, 6
#: Inside a longer name that is said so often of the times that it is said at all, it is no name.
_INSIDE_FROM = 0.8
#: A name begins and ends where what stands beside it varies.
_FEWEST_NEIGHBOURS = 2
#: Heard spellings that a person's outweighs.
_CORRECTION_WEIGHT = 1000

Cut = Callable[[str], list[str]]
Callers = dict[str, int]


@dataclass(frozen=True, slots=True)
class Learned:
    """``names``: words that no dictionary had; ``grams``: how often words follow each other."""

    names: tuple[str, ...] = ()
    grams: Mapping[Gram, int] = field(default_factory=dict)

    def words(self) -> frozenset[str]:
        """All words in it, names too."""
        return frozenset(w for gram in self.grams for w in gram) - {START, END}

    def to_json(self) -> str:
        rows = [[*gram, count] for gram, count in sorted(self.grams.items())]
        return json.dumps({"names": self.names, "grams": rows}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Learned":
        """Raises ValueError where the text is none of ``to_json``."""
        try:
            data = json.loads(text)
            grams = {tuple(map(str, row[:-1])): int(row[-1]) for row in data["grams"]}
            return cls(tuple(map(str, data["names"])), grams)
        except (KeyError, TypeError, IndexError) as error:
            raise ValueError(f"no counts of words: {error!r}") from None


@dataclass(slots=True)
class _Sound:
    """A run of syllables: who says it, how it is written, what stands beside it."""

    callers: set[str] = field(default_factory=set)
    times: int = 0
    spellings: Counter[str] = field(default_factory=Counter)
    before: set[str] = field(default_factory=set)
    after: set[str] = field(default_factory=set)


def find_names(
    pieces: Sequence[Piece], is_name: Callable[[str], bool], fewest: int = FEWEST_CALLERS
) -> dict[str, str]:
    """Spellings by syllables of runs that several callers say and ``is_name`` takes for a word
    that is not known; longer ones first."""
    frequent = dict(_frequent(pieces, fewest))
    names: dict[str, str] = {}
    for length in range(LONGEST_NAME, SHORTEST_NAME - 1, -1):
        for sound, found in sorted(frequent.get(length, {}).items()):
            spelling = _usual(found.spellings)
            free = min(len(found.before), len(found.after)) >= _FEWEST_NEIGHBOURS
            if free and is_name(spelling) and not _inside(sound, found, names, frequent):
                names[sound] = spelling
    return names


def _usual(spellings: Counter[str]) -> str:
    return min(spellings, key=lambda text: (-spellings[text], text))


def _inside(
    sound: str, found: _Sound, names: Mapping[str, str], frequent: Mapping[int, dict[str, _Sound]]
) -> bool:
    within = [frequent[len(name)][name].times for name in names if sound in name]
    return bool(within) and max(within) >= _INSIDE_FROM * found.times


def _frequent(pieces: Sequence[Piece], fewest: int) -> Iterator[tuple[int, dict[str, _Sound]]]:
    """By length, grown from shorter ones: what is rare in a part is rarer in the whole."""
    shorter: Mapping[str, _Sound] | None = None
    for length in range(SHORTEST_NAME, LONGEST_NAME + 1):
        found: dict[str, _Sound] = defaultdict(_Sound)
        for piece in pieces:
            sounds = folded_syllables(piece.text)
            for at in range(len(sounds) - length + 1):
                part = sounds[at : at + length]
                if shorter is None or (part[:-1] in shorter and part[1:] in shorter):
                    _note(found[part], piece, sounds, at, length)
        shorter = {s: each for s, each in found.items() if len(each.callers) >= fewest}
        yield length, dict(shorter)


def _note(found: _Sound, piece: Piece, sounds: str, at: int, length: int) -> None:
    end = at + length
    found.callers.add(piece.caller)
    found.times += 1
    found.spellings[piece.text[at:end]] += _CORRECTION_WEIGHT if piece.corrected else 1
    # The edge of a piece is free: anything could stand there.
    found.before |= {sounds[at - 1]} if at else {START, END}
    found.after |= {sounds[end]} if end < len(sounds) else {START, END}


def spelt(piece: Piece, names: Mapping[str, str]) -> Piece:
    """The piece with names, by their sound, spelt as most write them."""
    sounds, text = folded_syllables(piece.text), piece.text
    for sound, spelling in names.items():
        at = sounds.find(sound)
        while at >= 0:
            text = text[:at] + spelling + text[at + len(spelling) :]
            at = sounds.find(sound, at + len(sound))
    return Piece(piece.caller, text, piece.begins, piece.ends, piece.corrected)


def count(pieces: Iterable[Piece], cut: Cut, fewest: int = FEWEST_CALLERS) -> dict[Gram, int]:
    """How often runs of up to three words are said; those of few callers are not in it."""
    said: dict[Gram, Callers] = defaultdict(dict)
    for piece in pieces:
        words = (*([START] * piece.begins), *cut(piece.text), *([END] * piece.ends))
        for gram in _grams(words):
            callers = said[gram]
            callers[piece.caller] = min(MOST_OF_ONE_CALLER, callers.get(piece.caller, 0) + 1)
    return {gram: sum(by.values()) for gram, by in said.items() if len(by) >= fewest}


def _grams(words: Gram) -> Iterator[Gram]:
    """Of every word that is said: it alone, and after one and two others."""
    for at, word in enumerate(words):
        if word != START:
            yield from (words[at - n : at + 1] for n in range(min(ORDER, at + 1)))
