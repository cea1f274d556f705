"""Words that are listened for, found as written or by their sound."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.language.understanding import sound


@dataclass(frozen=True, slots=True)
class Hit:
    """A word found in a normal form at ``start``:``end``; ``how`` is text, sound or fold."""

    word: str
    start: int
    end: int
    how: str


def is_ordinary(text: str, hit: Hit, is_written: Callable[[str], bool]) -> bool:
    """Whether what sounds like a word is another, or parts of others: the 厅几 of 营业厅几点."""
    start, end = hit.start, hit.end
    before = text[start] != hit.word[0] and start >= 2 and is_written(text[start - 2 : start + 1])
    after = (
        text[end - 1] != hit.word[-1]
        and len(text) >= end + 2
        and is_written(text[end - 1 : end + 2])
    )
    return before or after or is_written(text[start:end])


def _occurrences(haystack: str, needle: str) -> Iterable[int]:
    at = haystack.find(needle)
    while at >= 0:
        yield at
        at = haystack.find(needle, at + 1)


@dataclass(frozen=True, slots=True)
class WordList:
    """Words with their mode; two-syllable words by sound match unfolded syllables only.

    ``excluded`` are words that sound like one of ours and are ordinary: 保障 is not 报障.
    """

    text: tuple[str, ...] = ()
    sound: tuple[str, ...] = ()
    fold: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()

    def find(self, text: str) -> list[Hit]:
        """All hits, those by text first; a hit inside an excluded word does not count."""
        hits = [
            Hit(word, at, at + len(word), "text")
            for word in (*self.text, *self.sound, *self.fold)
            for at in _occurrences(text, word)
        ]
        written = {(hit.start, hit.end) for hit in hits}
        hits += self._by_sound(text, self.sound, "sound", written)
        hits += self._by_sound(text, self.fold, "fold", written)
        return hits

    def _by_sound(
        self, text: str, words: tuple[str, ...], how: str, written: set[tuple[int, int]]
    ) -> list[Hit]:
        encode = sound.syllables if how == "sound" else sound.folded_syllables
        encoded = encode(text)
        found = []
        for word in words:
            for at in _occurrences(encoded, encode(word)):
                end = at + len(word)
                if (at, end) not in written and text[at:end] not in self.excluded:
                    found.append(Hit(word, at, end, how))
        return found


def _word_list(data: Mapping[str, Any], excluded: frozenset[str]) -> WordList:
    def words(mode: str) -> tuple[str, ...]:
        return tuple(str(word) for word in data.get(mode) or ())

    return WordList(words("text"), words("sound"), words("fold"), excluded)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything in ``faq/lexicon.yaml``; ``spellings``: pinyin of words read unusually.

    ``short_replies``: by the state of the conversation (``any`` holds in all of them), then by
    what is meant.
    """

    cues: Mapping[str, WordList] = field(default_factory=dict)
    reasons: Mapping[str, WordList] = field(default_factory=dict)
    competitors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    short_replies: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    household: Mapping[str, WordList] = field(default_factory=dict)
    estates: WordList = field(default_factory=WordList)
    not_service: WordList = field(default_factory=WordList)
    service: WordList = field(default_factory=WordList)
    spellings: Mapping[str, str] = field(default_factory=dict)
    alarms: Mapping[str, WordList] = field(default_factory=dict)
    not_competitors: WordList = field(default_factory=WordList)

    def as_meant(self, text: str, is_written: Callable[[str], bool]) -> str:
        """The text with each word that only sounds like a cue written as the cue: 停调 is 停掉.
        ``is_written``: whether up to three characters often stand so."""
        for words in self.cues.values():
            for hit in words.find(text):
                if hit.how != "text" and not is_ordinary(text, hit, is_written):
                    text = text[: hit.start] + hit.word + text[hit.end :]
        return text

    def competitor(self, text: str) -> Hit | None:
        """The first competitor that is named, as the ``word`` its list goes by."""
        other = self.not_competitors.find(text)
        named = [
            Hit(name, at, at + len(word), "text")
            for name, words in self.competitors.items()
            for word in words
            for at in _occurrences(text, word)
            if not any(hit.start <= at < hit.end for hit in other)
        ]
        return min(named, key=lambda hit: (hit.start, -hit.end), default=None)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Lexicon":
        """Build from the parsed file. Raises KeyError for a missing section."""
        excluded = frozenset(map(str, data.get("excluded") or ()))
        return cls(
            cues={name: _word_list(words, excluded) for name, words in data["cues"].items()},
            reasons={name: _word_list(words, excluded) for name, words in data["reasons"].items()},
            competitors={name: tuple(words) for name, words in data["competitors"].items()},
            short_replies={
                state: {name: frozenset(words) for name, words in replies.items()}
                for state, replies in data["short_replies"].items()
            },
            household={n: _word_list(words, excluded) for n, words in data["household"].items()},
            estates=_word_list(data["estates"], excluded),
            not_service=_word_list(data["not_service"], excluded),
            service=_word_list(data["service"], excluded),
            spellings={w: " ".join(s) for w, s in (data.get("spellings") or {}).items()},
            alarms={n: _word_list(w, excluded) for n, w in (data.get("alarms") or {}).items()},
            not_competitors=_word_list(data.get("not_competitors") or {}, excluded),
        )
