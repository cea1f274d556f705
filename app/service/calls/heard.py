"""What an utterance was understood as, read back from its record once."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.language.understanding.engine import Evidence, FaqAnswer, Understanding
from app.service.calls.records import Utterance

#: Decoded understandings that are kept: those of about a hundred calls.
_KEPT = 8192


@dataclass(frozen=True, slots=True)
class Meaning:
    """A stored understanding; ``corrected``: an agent or a supervisor put it right."""

    understanding: Understanding
    corrected: bool = False


def meaning(utterance: Utterance) -> Meaning | None:
    """None where the words were not understood: an agent's, a robot's."""
    return _decode(utterance.understanding_json) if utterance.understanding_json else None


@lru_cache(maxsize=_KEPT)
def _decode(text: str) -> Meaning:
    """The text of a record is one string object for as long as the record is kept."""
    stored: dict[str, Any] = json.loads(text)
    understanding = Understanding(
        stored["text"], stored["family"], stored["kind"], stored["confidence"], stored["action"],
        dict(stored["slots"]), tuple(FaqAnswer(**answer) for answer in stored["faq"]),
        _evidence(stored["evidence"]),
    )  # fmt: skip
    return Meaning(understanding, bool(stored.get("corrected")))


@lru_cache(maxsize=_KEPT)
def evidence_of(text: str) -> tuple[Evidence, ...]:
    """The stored evidence of a retention case."""
    return _evidence(json.loads(text))


def _evidence(stored: list[dict[str, Any]]) -> tuple[Evidence, ...]:
    return tuple(Evidence(**evidence) for evidence in stored)
