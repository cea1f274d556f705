"""The operator's own words: never cut to pieces, boosted by the engines that can."""

from collections.abc import Iterable

from app.language.knowledge.content import Knowledge
from app.language.texts.spoken_texts import spoken

_SHORTEST = 2


def own_words(knowledge: Knowledge, names: Iterable[str] = ()) -> list[str]:
    """Names of places and competitors, cue words, words read unusually; as they are spoken."""
    lexicon = knowledge.lexicon
    listed = [*lexicon.estates.fold, *lexicon.estates.sound, *lexicon.estates.text, *names]
    for words in (*lexicon.cues.values(), *lexicon.reasons.values()):
        listed += [*words.sound, *words.fold, *words.text]
    listed += [word for words in lexicon.competitors.values() for word in words]
    listed += lexicon.spellings
    return sorted({word for text in listed if len(word := spoken(text)) >= _SHORTEST})
