"""What an utterance is made of when it is stored, first or again."""

import json
from collections.abc import Sequence
from statistics import fmean

from app.language.understanding.understood import Understanding
from app.service.calls.records import Call, Utterance
from app.service.ports import Word


def keep_words(utterance: Utterance, words: Sequence[Word]) -> None:
    """Text, words with their times, and how sure the recogniser was."""
    utterance.text = "".join(word.word for word in words)
    utterance.words_json = json.dumps(
        [[w.word, round(w.start, 2), round(w.end, 2), round(w.confidence, 2)] for w in words],
        ensure_ascii=False,
    )
    utterance.confidence = fmean(w.confidence for w in words) if words else 0.0


def stored_words(utterance: Utterance) -> tuple[Word, ...]:
    """The words as ``keep_words`` has kept them."""
    return tuple(Word(*each) for each in json.loads(utterance.words_json))


def says_why(call: Call, heard: Understanding) -> bool:
    """The first clear intent names the call; a wish to stop names it in any case."""
    if heard.action != "act" or heard.family in ("affirm", "deny", "none"):
        return False
    return not call.intent or heard.family == "disconnect"
