"""What is understood of an utterance, and what was known around it; without the engine."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why: ``rule`` names the step, ``text`` the words, ``start``:``end`` their raw place."""

    rule: str
    text: str
    score: float = 0.0
    start: int = 0
    end: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, "text": self.text, "score": round(self.score, 3),
                "start": self.start, "end": self.end}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FaqAnswer:
    """An entry that answers the utterance; ``score`` is how likely it does, 0 to 1."""

    id: str
    question: str
    score: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """The decision on an utterance; ``as_json`` is the published form. ``corrected``: an agent said
    that it means this."""

    text: str
    family: str
    kind: str
    confidence: float
    action: str
    slots: dict[str, str] = field(default_factory=dict)
    faq: tuple[FaqAnswer, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    corrected: bool = False

    @property
    def intent(self) -> str:
        return f"{self.family}.{self.kind}"

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text, "intent": self.intent, "family": self.family, "kind": self.kind,
            "confidence": round(self.confidence, 3), "action": self.action, "slots": self.slots,
            "faq": [{"id": f.id, "question": f.question, "score": f.score} for f in self.faq],
            "evidence": [e.as_json() for e in self.evidence],
        }  # fmt: skip


#: What is expected after a question for the reason: no short reply, but why.
REASON = "reason"


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known around an utterance.

    ``now``: the operator's wall clock, to resolve 明天; ``expecting``: the state of the
    conversation, a section of the lexicon's short replies (question, offer, anything_else) or
    REASON;
    ``heard``: the recogniser's confidence in the words, 1 for typed text; ``unfinished``: more is
    being said, so that quick is better than thorough.
    """

    now: datetime | None = None
    expecting: str = ""
    heard: float = 1.0
    unfinished: bool = False

    @property
    def expects_reply(self) -> bool:
        """Whether yes or no is likelier than at other times."""
        return self.expecting not in ("", REASON)


#: Words that are still being said.
UNFINISHED = Situation(unfinished=True)
