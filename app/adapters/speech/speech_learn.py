"""Counts of words from sentences of own calls, and what of them the model did not know."""

from collections.abc import Sequence
from pathlib import Path

import jieba

from app.adapters.speech.speech_adapt import Material, cutter_of, sentences_of
from app.language.texts.hot_words import own_words
from app.language.texts.learned_words import Learned, count, find_names, spelt
from app.language.texts.own_calls import Piece
from app.language.understanding.sound import folded_syllables, is_han

#: Words of jieba's dictionary that are so frequent are in no name.
_COMMON_FROM = 20_000
_NUMERALS = frozenset("零一二三四五六七八九十百千万两幺几点半")


def learn(material: Material, pieces: Sequence[Piece]) -> Learned:
    """What several callers say alike, new names by their sound among it. CPU: some seconds."""
    cutter = cutter_of(own_words(material.knowledge, material.places))
    said = {"".join(words) for words in sentences_of(material, cutter)}
    known = "\n".join(folded_syllables(text) for text in sorted(said))

    def is_name(text: str) -> bool:
        return _is_name(cutter, text) and folded_syllables(text) not in known

    names = find_names(pieces, is_name)
    for name in names.values():
        cutter.add_word(name)
    grams = count((spelt(each, names) for each in pieces), lambda t: list(cutter.cut(t, HMM=False)))
    kept = {gram: times for gram, times in grams.items() if all(map(_sayable, gram))}
    words = frozenset(word for gram in kept for word in gram)
    return Learned(tuple(sorted(words & set(names.values()))), kept)


def _is_name(cutter: jieba.Tokenizer, text: str) -> bool:
    """Whether the dictionary falls to pieces over it, none of which is a common word."""
    parts = list(cutter.cut(text, HMM=False))
    common = any((cutter.FREQ.get(part) or 0) >= _COMMON_FROM for part in parts)
    return len(parts) > 1 and not common and not _NUMERALS & set(text)


def _sayable(word: str) -> bool:
    return word.startswith("<") or all(map(is_han, word))


def words_in(folder: Path) -> frozenset[str]:
    """All words that a model can write; none where its graph is not of ours."""
    try:
        lines = (folder / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(line.split(" ", 1)[0] for line in lines)
