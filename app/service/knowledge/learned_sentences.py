"""Which stored sentences the speech model may learn from, and why the others not."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.knowledge.learning_verdict import is_held_apart
from app.language.texts.own_calls import HeardSentence, Piece, pieces, unfit
from app.service.knowledge.queries import StoredSentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """What may be learned, and what became of every sentence that was heard."""

    pieces: tuple[Piece, ...]
    report: dict[str, Any]


def select(stored: Sequence[StoredSentence]) -> Selected:
    """What is clear, agreed upon and nobody's own."""
    corrected = {s.call.id for s in stored if s.utterance.right_text}
    rejected: Counter[str] = Counter()
    found: list[Piece] = []
    for each in stored:
        apart = each.call.id in corrected and is_held_apart(each.call.id)
        sentence = _sentence(each, held_apart=apart)
        why = unfit(sentence)
        left = pieces(sentence) if why is None else []
        found += left
        if not left:
            rejected[why or "private"] += 1
    kept = len(stored) - rejected.total()
    report = {"heard": len(stored), "kept": kept, "rejected": dict(rejected)}
    return Selected(pieces=tuple(found), report=report)


def _sentence(stored: StoredSentence, *, held_apart: bool) -> HeardSentence:
    said, call = stored.utterance, stored.call
    return HeardSentence(
        call=call.id, caller=call.caller or call.id, text=said.text,
        first_text=said.heard_first, spoken_ms=said.end_ms - said.start_ms,
        clear=said.second_clear if said.heard_again else None, right_text=said.right_text,
        names=stored.names, held_apart=held_apart,
    )  # fmt: skip
