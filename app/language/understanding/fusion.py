"""Which of two hearings of one utterance is to be understood."""

from app.language.understanding.understood import Situation, Understanding

#: The second pass has too little to go by in what is shorter.
SHORT_MS = 1000
_FEW_CHARACTERS = 4
#: The family that ends a contract: nobody is stopped by words that were heard otherwise once more.
_STOP = "disconnect"


def is_short(first: Understanding | None, situation: Situation | None, spoken_ms: int) -> bool:
    """Whether the first pass is the better one here: a word or two, or the answer to a question,
    for which it has the right words ready."""
    if first is None or not means_something(first):
        return False
    expected = situation is not None and situation.expects_reply
    return spoken_ms < SHORT_MS or (expected and len(first.text) <= _FEW_CHARACTERS)


def means_something(heard: Understanding) -> bool:
    """Whether there is anything to go by: an intent, a value, an answer."""
    return heard.family != "none" or bool(heard.slots) or bool(heard.faq)


def leads(
    first: Understanding, second: Understanding, *, short: bool, doubted: bool = False
) -> bool:
    """Whether the first hearing stays: it is short and clear, or the first acts where the second
    means nothing, or where the second is doubtful itself (``doubted``: below the confidence from
    which on words are believed). A doubtful second may always take a stop back."""
    if short:
        return True
    if not means_something(first) or first.action != "act":
        return False
    if not means_something(second):
        return True
    return doubted and (first.family != _STOP or second.family == _STOP)
